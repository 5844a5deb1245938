"""Asking the web process and the worker whether they are ready."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from kombu.exceptions import OperationalError

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


def worker_answers(environment: Mapping[str, str]) -> bool:
    """Whether a worker at the backend's broker answers a ping, as any Celery application can send one."""
    # Without a database number of its own the backend's broker is number 0.
    first = urlsplit(environment.get("REDIS_URL", ""))._replace(path="/0").geturl()
    with Celery(broker=environment.get("CELERY_BROKER_URL") or first, set_as_current=False) as application:
        try:
            return bool(application.control.ping(timeout=1.0, limit=1))
        except OperationalError:
            return False


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
