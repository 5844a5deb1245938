"""Pages judged by axe."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.e2e.browser.conftest import Visit


def hindrances(browser: Visit, paths: Iterable[str], width: int) -> dict[str, object]:
    """What is serious or critical on each page, by its address; pages without are left out."""
    axe = pytest.importorskip("axe_playwright_python", reason="no axe-playwright-python: not judged")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text()
    found: dict[str, object] = {}
    for path in paths:
        page = browser.open(path)
        # The pages of tasks never rest.
        page.wait_for_timeout(300) if "tasks" in path else page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is wider than {width}"
        page.evaluate(script)
        judged = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        bad = [each for each in judged["violations"] if each["impact"] in {"serious", "critical"}]
        if bad:
            found[path] = {each["id"]: [node["html"][:160] for node in each["nodes"][:3]] for each in bad}
    return found
