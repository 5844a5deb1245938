"""`siprems users`."""

from __future__ import annotations

import pytest
from click.testing import Result
from flask import Flask

from siprems_backend.extensions.database import Database
from siprems_backend.services import users
from siprems_backend.utils.roles import Role
from tests.services.accounts import PASSWORD, make_account, sign_in


@pytest.fixture
def run(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch):
    """Runs a command: its arguments, and what is typed."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(args=["siprems", "users", *arguments], input=typed)

    return call


def test_creating_asks_twice_and_shows_nothing(run) -> None:
    result = run("create", "Ann@Example.com", "--role", "admin", typed=f"Änn\n{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert "Made the account ann@example.com with the role admin." in result.output
    assert PASSWORD not in result.output
    assert sign_in()[0].role is Role.ADMIN


def test_the_password_from_standard_input(run) -> None:
    result = run("create", "ann@example.com", "--name", "Ann", "--password-stdin", typed=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert sign_in()[0].role is Role.VIEWER


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("create", "ann", "--name", "Ann", "--password-stdin"), PASSWORD, "Not a valid e-mail address"),
        (("create", "bob@example.com", "--name", "Bob", "--password-stdin"), "short", "10 to 200 characters"),
        (("create", "bob@example.com", "--name", "Bob", "--password-stdin"), "", "10 to 200 characters"),
        (("create", "ann@example.com", "--name", "Ann", "--password-stdin"), PASSWORD, "There is an account"),
        (("set-role", "nobody@example.com", "clerk"), "", "No account for nobody@example.com"),
        (("set-role", "ann@example.com", "god"), "", "is not one of"),
        (("set-role", "ann@example.com", "viewer"), "", "last active administrator"),
        (("deactivate", "ann@example.com"), "", "last active administrator"),
    ],
)
def test_one_line_says_what_is_wrong(run, arguments: tuple[str, ...], typed: str, words: str) -> None:
    make_account(role=Role.ADMIN)
    result = run(*arguments, typed=typed)
    assert result.exit_code != 0
    assert words in result.output
    assert "Traceback" not in result.output


def test_roles_passwords_and_activity(run) -> None:
    make_account("admin@example.com", Role.ADMIN)
    make_account()
    assert run("set-role", "ann@example.com", "clerk").exit_code == 0
    assert run("set-password", "ann@example.com", "--password-stdin", typed="another horse\n").exit_code == 0
    assert sign_in(password="another horse")[0].role is Role.CLERK
    assert run("deactivate", "ann@example.com").exit_code == 0
    assert not users.by_email("ann@example.com").is_active
    assert run("activate", "ann@example.com").exit_code == 0
    assert users.by_email("ann@example.com").is_active


def test_the_list(run) -> None:
    users.create("ann@example.com", "[bold]Änn[/bold]", PASSWORD, Role.CLERK)
    make_account("bob@example.com")
    result = run("list")
    assert result.exit_code == 0, result.output
    for words in ("ann@example.com", "[bold]Änn[/bold]", "clerk", "never", "2 accounts"):
        assert words in result.output
    assert "1 account\n" in run("list", "--search", "BOB").output
