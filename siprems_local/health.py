"""Asking the web process whether everything is ready."""

import json
import urllib.error
import urllib.request
from typing import Any

# Proxies named in the environment are for other machines.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def readiness(address: str) -> tuple[bool, str]:
    """Whether the instance at ``address`` is ready, and what it says about itself."""
    try:
        with _OPENER.open(f"{address}/health/ready", timeout=10) as answer:
            return answer.status == 200, _checks(answer.read())
    except urllib.error.HTTPError as error:
        return False, _checks(error.read()) or f"status {error.code}"
    except OSError as error:
        return False, f"no answer ({getattr(error, 'reason', error)})"


def _checks(body: bytes) -> str:
    try:
        document: Any = json.loads(body)
    except ValueError:
        return ""
    checks = document.get("checks") if isinstance(document, dict) else None
    if not isinstance(checks, dict):
        return ""
    return ", ".join(f"{name}: {_text(result)}" for name, result in checks.items())


def _text(result: Any) -> str:
    if isinstance(result, dict):
        return str(result.get("message") or result.get("status") or result)
    return str(result)
