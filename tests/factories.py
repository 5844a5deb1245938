"""What tests start from."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID, uuid4

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from siprems_backend.extensions.database import Database, database
from siprems_backend.models import Base
from siprems_backend.models.learned_models import LearnedModelVersion
from siprems_backend.models.pipeline_models import PipelineModel
from siprems_backend.models.products import Product
from siprems_backend.models.sales import DailySales
from siprems_backend.models.users import User
from siprems_backend.services import sessions, task_files
from siprems_backend.services.identity import Principal
from siprems_backend.services.learned_models import repository
from siprems_backend.services.pipelines import model_store
from siprems_backend.services.stores.learned_store import checksum_of
from siprems_backend.services.tool_runner.tool import OutputFile
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

TIMES_TO_EMPTY = 3
RESTART_NUMBERS = """
SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""

_numbers = itertools.count(1)


def empty_database(database: Database) -> None:
    """Remove all rows of all tables.

    Most tests fill a few tables: deleting their rows takes a tenth of what truncating all tables does.
    """
    for _ in range(TIMES_TO_EMPTY - 1):
        # A worker of the test before may still be writing its last rows, and take its locks in another order.
        with suppress(OperationalError):
            return _delete_all(database)
    return _delete_all(database)


def _delete_all(database: Database) -> None:
    tables = [table.name for table in Base.metadata.sorted_tables]
    with database.transaction() as session:
        # A test that left a transaction open must fail, not hang.
        session.execute(text("SET LOCAL lock_timeout = '20s'"))
        session.execute(text(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"))
        # All rows go, so that nothing is left for foreign keys to look after.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        rows = " UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in tables)
        for table in session.scalars(text(rows)).all():
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(text(RESTART_NUMBERS))


def make_user(database: Database, role: Role = Role.VIEWER) -> User:
    """A user who cannot log in (tests of passwords make their own) but can hold a token."""
    user = User(
        email=f"{role}{next(_numbers)}@example.com", full_name=f"A {role}", password_hash="!", role=role.value
    )
    with database.transaction() as session:
        session.add(user)
    return user


def signed_in_client(app: Flask, role: Role) -> FlaskClient:
    """A client with an access token of a new user of this role."""
    user = make_user(database, role)
    with database.transaction() as session:
        grant = sessions.start(session, user.id)
    with app.app_context():
        token = create_access_token(identity=str(user.id), additional_claims=grant.access_claims)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def make_principal(database: Database, role: Role = Role.ANALYST) -> Principal:
    """A caller of services."""
    user = make_user(database, role)
    return Principal(user.id, user.email, role)


def make_product(database: Database, sku: str = "BRD-001", **values: object) -> Product:
    """A product; its name is its SKU unless given."""
    product = Product(**{"sku": sku, "name": sku, "stock": 10, **values})
    with database.transaction() as session:
        session.add(product)
    return product


def make_pipeline_model(database: Database, owner_id: int) -> UUID:
    """A row of a fitted model, and a file that is none."""
    model = PipelineModel(
        id=uuid4(),
        owner_id=owner_id,
        name="houses",
        version=1,
        digest="d",
        node_id="node_7",
        node_type="linear_regression",
        task="regression",
        target="price",
        columns=["area"],
        features=["area"],
        metrics={"test_r2": 0.9},
        sha256="0",
        size_bytes=7,
    )
    path = model_store.path_of(model.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"nothing")
    with database.transaction() as session:
        session.add(model)
    return model.id


def sell(
    database: Database,
    product: Product,
    quantities: Sequence[float | None],
    *,
    until: dt.date,
    promo: Sequence[bool] = (),
) -> None:
    """Daily sums of a product: one quantity a day, the last on `until`; None is a day without a row."""
    first = until - dt.timedelta(days=len(quantities) - 1)
    flags = list(promo) or [False] * len(quantities)
    with database.transaction() as session:
        session.add_all(
            DailySales(
                product_id=product.id,
                date=first + dt.timedelta(days=place),
                quantity=float(quantity),
                promo=flags[place],
                revenue=0,
            )
            for place, quantity in enumerate(quantities)
            if quantity is not None
        )


def weekly_demand(days: int, seed: int = 1, level: float = 40.0) -> list[float]:
    """A product's plausible sales: a level with a weekday pattern, a yearly wave and noise."""
    random = np.random.default_rng(seed)
    day = np.arange(days)
    pattern = np.array([0.8, 0.85, 0.9, 1.0, 1.2, 1.4, 0.85])[day % 7]
    wave = 1 + 0.2 * np.sin(2 * np.pi * day / 365.25)
    return [float(value) for value in random.poisson(level * pattern * wave)]


def keep_files(task_id: UUID, contents: Mapping[str, bytes], content_type: str = "text/plain") -> None:
    """Files of a task, as a run of a tool keeps them."""
    with task_files.scratch_folder(task_id) as folder:
        output = folder / "output"
        output.mkdir()
        files: list[OutputFile] = []
        for name, content in contents.items():
            (output / name).write_bytes(content)
            files.append({"name": name, "content_type": content_type, "size_bytes": len(content)})
        task_files.keep(task_id, output, files)


def keep_learned_model(database: Database) -> int:
    """A version of a learned model as a training leaves it, with a file that holds nothing; its id."""
    content = b"no model"
    repository.open_store().write("xgboost", 1, content)
    version = LearnedModelVersion(
        model_type="xgboost",
        version=1,
        is_active=True,
        step_days=1,
        products=1,
        training_rows=200,
        hyperparameters={"epochs": 1},
        report={"metrics": {"final_loss": 1.0}},
        gain=1.0,
        checksum=checksum_of(content),
        size_bytes=len(content),
        trained_at=clock.now(),
    )
    with database.transaction() as session:
        session.add(version)
        session.flush()
        return version.id
