"""`siprems migrate` and `siprems downgrade`."""

from __future__ import annotations

from flask import Flask

from siprems_backend.extensions.database import Database
from siprems_backend.services import migrations
from tests.away import servers_away


def test_down_and_up_again(app: Flask, database: Database) -> None:
    run = app.test_cli_runner().invoke
    newest = migrations.newest_revision()
    assert f"up to date (revision {newest})" in run(args=["siprems", "migrate"]).output
    try:
        down = run(args=["siprems", "downgrade", "base", "--yes"])
        assert (down.exit_code, down.output) == (0, "The database is at revision none.\n")
        assert migrations.current_revision() is None
    finally:
        up = run(args=["siprems", "migrate"])
    assert f"from revision none to {newest}" in up.output


def test_downgrade_asks_first(app: Flask, database: Database) -> None:
    refused = app.test_cli_runner().invoke(args=["siprems", "downgrade", "base"], input="n\n")
    assert refused.exit_code == 1
    assert migrations.current_revision() == migrations.newest_revision()


def test_an_unknown_revision(app: Flask, database: Database) -> None:
    refused = app.test_cli_runner().invoke(args=["siprems", "downgrade", "nowhere", "--yes"])
    assert refused.exit_code == 1
    assert "nowhere" in refused.output
    assert "Traceback" not in refused.output


def test_waiting_has_an_end(app: Flask, database: Database) -> None:
    with servers_away():
        refused = app.test_cli_runner().invoke(args=["siprems", "migrate", "--wait", "0.6"])
    assert refused.exit_code == 1
    assert "has not answered for 0.6 s" in refused.output
    assert "secret" not in refused.output
