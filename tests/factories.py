"""What tests start from."""

from __future__ import annotations

import itertools

from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token
from sqlalchemy import text

from siprems_backend.extensions.database import Database
from siprems_backend.models import Base
from siprems_backend.models.users import User
from siprems_backend.utils.roles import Role

_numbers = itertools.count(1)


def empty_database(database: Database) -> None:
    """Remove all rows of all tables."""
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with database.transaction() as session:
        session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


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
    from siprems_backend.extensions.database import database

    user = make_user(database, role)
    with app.app_context():
        token = create_access_token(identity=str(user.id))
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client
