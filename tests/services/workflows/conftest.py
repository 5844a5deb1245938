"""Whose workflows they are."""

from __future__ import annotations

import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.services.identity import Principal
from tests import factories


@pytest.fixture
def owner(database: Database) -> Principal:
    return factories.make_principal(database)
