"""The environment handed to the backend."""

from pathlib import Path

import pytest

from siprems_local.commands.test import environment_of_tests
from siprems_local.environment import uses_own_broker, uses_own_database
from siprems_local.home import Home
from siprems_local.instance import Instance
from siprems_local.server_pair import instance_environment

HOME = Home(Path("/instance"))
INSTANCE = Instance(database_port=20_001, broker_port=20_002, database_password="p", broker_password="q")


def test_embedded_servers_are_named() -> None:
    made = instance_environment(HOME, INSTANCE, {"PGHOST": "elsewhere", "PATH": "/bin"})
    assert made["DATABASE_URL"] == "postgresql://siprems:p@127.0.0.1:20001/siprems"
    assert made["REDIS_URL"] == "redis://:q@127.0.0.1:20002"
    assert made["CELERY_BROKER_URL"].endswith(":20002/0")
    assert made["CELERY_RESULT_BACKEND"].endswith(":20002/1")
    assert made["CACHE_URL"].endswith(":20002/2")
    assert made["MODELS_META_DIR"] == "/instance/models/meta"
    assert "PGHOST" not in made
    assert made["PATH"].endswith(":/bin")


def test_what_the_user_set_stays() -> None:
    environ = {
        "DATABASE_URL": "postgresql://a/b",
        "REDIS_URL": "redis://c",
        "JWT_SECRET_KEY": "mine",
        "MODELS_DIR": "/m",
        "PGSSLMODE": "require",
        "LOG_LEVEL": "DEBUG",
    }
    made = instance_environment(HOME, INSTANCE, environ)
    assert {name: made[name] for name in environ} == environ
    assert "CELERY_BROKER_URL" not in made
    assert "MODELS_META_DIR" not in made


def test_empty_settings_count_as_unset() -> None:
    made = instance_environment(HOME, INSTANCE, {"DATABASE_URL": "", "REDIS_URL": "", "JWT_SECRET_KEY": ""})
    assert made["DATABASE_URL"].startswith("postgresql://siprems")
    assert made["JWT_SECRET_KEY"] == INSTANCE.jwt_secret_key


@pytest.mark.parametrize(
    ("environ", "database", "broker"),
    [
        ({}, True, True),
        ({"DB_HOST": "db"}, False, True),
        ({"DATABASE_URL": "postgresql://a/b"}, False, True),
        ({"REDIS_URL": "redis://c"}, True, False),
    ],
)
def test_which_servers_are_needed(environ: dict[str, str], database: bool, broker: bool) -> None:
    assert uses_own_database(environ) is database
    assert uses_own_broker(environ) is broker


def test_tests_cannot_see_a_real_instance() -> None:
    real = {"DATABASE_URL": "x", "DB_HOST": "x", "REDIS_URL": "x", "CELERY_BROKER_URL": "x", "PGHOST": "x"}
    kept = {"PATH": "/bin", "SIPREMS_DATA": "/data", "HOME": "/home"}
    assert environment_of_tests(real | {"SIPREMS_HOME": "/instance"} | kept) == kept


def test_an_instance_that_was_never_started_has_addresses_all_the_same() -> None:
    made = instance_environment(HOME, Instance(database_password="p", broker_password="q"), {"PATH": "/bin"})
    assert made["DATABASE_URL"] == "postgresql://siprems:p@127.0.0.1:1/siprems"
    assert made["CACHE_URL"] == "redis://:q@127.0.0.1:1/2"
