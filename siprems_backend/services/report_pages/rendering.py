"""Pages from templates: each report's own, and what all of them share."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from siprems_backend.services.report_pages import words
from siprems_backend.utils import clock

SHARED = Path(__file__).parent


def render(template: Path, **values: Any) -> str:
    """The page that a template beside a report's module makes; whatever it is given is escaped.

    It may extend `base.html` and import `legend.html`; numbers have the filters of `words`.
    """
    made_at = f"{clock.now():%Y-%m-%d %H:%M} UTC"
    return _environment(template.parent).get_template(template.name).render(made_at=made_at, **values)


@lru_cache(maxsize=8)
def _environment(folder: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, SHARED]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": words.percent,
        "number": words.number,
        "units": words.units,
        "counted": words.counted,
    }
    return environment
