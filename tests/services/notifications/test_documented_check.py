"""The check of signatures that docs/api.md shows to receivers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siprems_backend.services.notifications import webhook
from siprems_backend.utils import clock
from tests.services.notifications.test_webhook_calls import due

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
Check = Callable[[dict[str, str], bytes, str], bool]


@pytest.fixture
def is_genuine() -> Check:
    example = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert example is not None
    names: dict[str, Any] = {}
    exec(example[1], names)
    check: Check = names["is_genuine"]
    return check


def test_it_takes_what_we_send_and_nothing_else(is_genuine: Check) -> None:
    sent = due("https://hooks.example.com/")
    body = webhook.document(sent)
    headers = webhook._headers(sent, body)
    assert is_genuine(headers, body, "whsec_test")
    assert not is_genuine(headers, body + b" ", "whsec_test")
    assert not is_genuine(headers, body, "whsec_other")
    old = str(int(clock.now().timestamp()) - 3600)
    replayed = {
        **headers,
        "X-Siprems-Timestamp": old,
        "X-Siprems-Signature": webhook.signature("whsec_test", old, body),
    }
    assert not is_genuine(replayed, body, "whsec_test")
