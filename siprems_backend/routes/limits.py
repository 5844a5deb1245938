"""How often somebody may try: counted in Redis, for all web processes together.

Without Redis nothing can be counted, and then nobody signs in: the answer is 503, because an open door is
worse than a closed one. Calls with tokens and API keys are not limited and go on.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import current_app, request
from flask_limiter import RequestLimit

from siprems_backend.errors import TooManyRequests
from siprems_backend.extensions.web import limiter
from siprems_backend.routes.guards import current_principal
from siprems_backend.utils import email_address

View = TypeVar("View", bound=Callable[..., Any])

# All tills of a shop may share one address, so an address may try more often than an account.
ATTEMPTS_PER_ADDRESS = 5


def limit_logins(view: View) -> View:
    """Limit attempts by account, wherever they come from, and by address, whatever account they try."""
    by_account = limiter.limit(_per_minute(1), key_func=_account, on_breach=_refuse)
    return limit_by_address(by_account(view))


def limit_by_address(view: View) -> View:
    """Limit calls that work hard for strangers."""
    limited: View = limiter.limit(_per_minute(ATTEMPTS_PER_ADDRESS), key_func=_network, on_breach=_refuse)(
        view
    )
    return limited


def limit_by_user(view: View) -> View:
    """Limit guesses of somebody who found a signed-in browser."""
    limited: View = limiter.limit(_per_minute(1), key_func=_user, on_breach=_refuse)(view)
    return limited


def _per_minute(factor: int) -> Callable[[], str]:
    def limit() -> str:
        return f"{factor * current_app.config['SETTINGS'].login_attempts_per_minute} per minute"

    return limit


def _account() -> str:
    body = request.get_json(silent=True) if request.is_json else request.form
    email = body.get("email") if isinstance(body, Mapping) else None
    try:
        # The account's own spelling: another way to write the address is no further attempt.
        account = email_address.normalise(email) if isinstance(email, str) else ""
    except ValueError:
        account = ""
    # Without an account there is nothing to guess; the limit by address counts such calls.
    return hashlib.sha256(account.encode()).hexdigest() if account else f"none:{_network()}"


def _network() -> str:
    """The caller's address; of IPv6 the /64, which one customer has to himself."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _user() -> str:
    return f"user:{current_principal().user_id}"


def _refuse(limit: RequestLimit) -> None:
    seconds = max(1, math.ceil(limit.reset_at - time.time()))
    raise TooManyRequests(f"Too many attempts; try again in {seconds} seconds.", retry_after_seconds=seconds)
