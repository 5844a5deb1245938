"""Figures for Prometheus, for whoever has the token."""

from __future__ import annotations

import enum
import hmac
from collections.abc import Iterable
from functools import lru_cache

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from siprems_backend.config import get_settings
from siprems_backend.errors import NotFound, Unauthorized
from siprems_backend.extensions import metrics_files
from siprems_backend.services.ledger_metrics import LedgerMetrics
from siprems_backend.services.process_metrics import ProcessMetrics

SCHEME = "bearer"


class Asked(enum.Enum):
    """Who is asked: the web tells what the servers know too, a worker only of itself."""

    WEB = enum.auto()
    WORKER = enum.auto()


def require_token(authorization: str) -> None:
    """See that the value of an Authorization header carries the token.

    Raises:
        NotFound: there is no token to carry; the figures are closed.
        Unauthorized: it carries something else.
    """
    expected = get_settings().metrics_token.get_secret_value()
    if not expected:
        raise NotFound("Nothing is here.")
    scheme, _, given = authorization.partition(" ")
    same = hmac.compare_digest(given.strip().encode(), expected.encode())
    if scheme.lower() != SCHEME or not same:
        raise Unauthorized("Send METRICS_TOKEN as a bearer token.", code="metrics_token_invalid")


def exposition(asked: Asked, accept: str) -> tuple[bytes, str]:
    """All figures in a format that an Accept header asks for: (body, content type)."""
    encode, content_type = choose_encoder(accept)
    return encode(_registry(asked)), content_type


@lru_cache
def _registry(asked: Asked) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Counted())
    registry.register(ProcessMetrics())
    if asked is Asked.WEB:
        registry.register(LedgerMetrics())
    return registry


class _Counted(Collector):
    """The instruments, wherever their values lie."""

    def collect(self) -> Iterable[Metric]:
        return metrics_files.instruments().collect()
