"""The demo shop: invented sales with known truth, and an administrator to look at them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict
from siprems_backend.extensions.database import database
from siprems_backend.models import products, user_queries
from siprems_backend.services import imports, users
from siprems_backend.services.imports import ImportKind
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from siprems_engine.synthetic import Shop, generate_shop

TABLE_NAME = "demo shop"
FULL_NAME = "Demo administrator"


@dataclass(frozen=True)
class LoadedDemo:
    """What was loaded, by number of rows; `password` is the administrator's, shown once."""

    email: str
    password: str
    products: int
    sales: int
    events: int
    promotions: int
    suppliers: int


def load(email: str, password: str | None = None, on_progress: OnProgress = unreported) -> LoadedDemo:
    """Load the demo shop into an empty database, all of it or nothing.

    Its two years of history end yesterday; events and promotions are known beyond. Without a
    password one is made up.

    Raises:
        Conflict: there are users or products already.
        Invalid: the e-mail address or password cannot be used.
    """
    password = password or secrets.token_urlsafe(12)
    account = users.account_values(email, FULL_NAME, password)
    with database.transaction() as session:
        # Held to the end: of two loads at the same time, the second finds the first one's shop.
        user_queries.lock_roster(session)
        if not _is_empty(session):
            raise Conflict("There are users or products already; the demo shop needs an empty database.")
        admin = user_queries.add_if_new(session, {**account, "role": Role.ADMIN.value})
        if admin is None:
            raise users.email_taken(email)
        counts = _import(session, generate_shop(clock.today() - timedelta(days=1)), admin.id, on_progress)
    return LoadedDemo(admin.email, password, **counts)


def is_needed() -> bool:
    """Whether nobody has put anything into the database yet."""
    with database.reading() as session:
        return _is_empty(session)


def _is_empty(session: Session) -> bool:
    return not user_queries.any_exists(session) and products.totals(session).total == 0


def _import(session: Session, shop: Shop, user_id: int, on_progress: OnProgress) -> dict[str, int]:
    tables: dict[ImportKind, Mapping[str, Any]] = {
        ImportKind.PRODUCTS: shop.products,
        ImportKind.EVENTS: shop.events,
        ImportKind.SALES: shop.sales,
        ImportKind.STOCK: shop.stock,
        ImportKind.PROMOTIONS: shop.promotions,
        ImportKind.SUPPLIERS: shop.suppliers,
        ImportKind.REPLENISHMENT: shop.replenishment,
    }
    counts: dict[str, int] = {}
    for done, (kind, table) in enumerate(tables.items()):
        on_progress(done, len(tables), f"Loading {kind}")
        columns = {name: values.tolist() for name, values in table.items()}
        report = imports.import_columns(session, columns, kind, TABLE_NAME, user_id=user_id)
        counts[kind.value] = report["accepted"]
    on_progress(len(tables), len(tables), "Loaded")
    return {name: counts[name] for name in ("products", "sales", "events", "promotions", "suppliers")}
