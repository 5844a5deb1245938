"""The documents tell the truth where a program can tell."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import yaml
from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from siprems_backend.cli import siprems
from tests.contract.test_env_example import NAMED

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
LAUNCHER = {"up", "down", "status", "test"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_commands_exist(page: Path, app: Flask) -> None:
    named = re.findall(r"(?:\./siprems|flask siprems) ([a-z]+)", page.read_text())
    assert set(named) <= LAUNCHER | set(siprems.list_commands(click.Context(siprems)))


def test_the_table_of_settings_is_that_of_the_example() -> None:
    text = (PROJECT / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\|", text, re.MULTILINE)
    assert dict(rows) == NAMED


def test_calls_of_the_guide_are_routes(app: Flask) -> None:
    text = (PROJECT / "docs" / "api.md").read_text().replace("\\\n", " ")
    calls = re.findall(r"^curl -s( -X POST)? \"?\$API(/[^\s\"?]*)(.*)$", text, re.MULTILINE)
    assert len(calls) > 15
    adapter = app.url_map.bind("localhost")
    for explicit, written, rest in calls:
        posts = explicit or "--json" in rest or "-F" in rest
        path = re.sub(r"\$(TASK|DATASET|WORKFLOW|MODEL)\b", "00000000-0000-4000-8000-000000000000", written)
        try:
            adapter.match(f"/api/v1{path}", method="POST" if posts else "GET")
        except MethodNotAllowed as error:
            raise AssertionError(f"{path} is not called like that") from error
        except HTTPException as error:
            raise AssertionError(f"{path} is no route") from error


def test_the_troubleshooting_table_knows_the_usual_suspects() -> None:
    text = (PROJECT / "docs" / "operations.md").read_text()
    table = text[text.index("## Troubleshooting") :]
    for symptom in (
        "broker refused",
        "no worker",
        "stuck in PENDING",
        "models not found",
        "nightly run",
        "disk full",
    ):
        assert symptom in table
    assert all(line.count("|") >= 4 for line in table.splitlines() if line.startswith("|"))


def test_decisions_are_numbered_without_gaps() -> None:
    pages = sorted((PROJECT / "docs" / "decisions").glob("*.md"))
    for number, page in enumerate(pages, start=1):
        assert page.name.startswith(f"{number:04d}-")
        assert page.read_text().startswith(f"# {number}. ")


def test_the_hooks_before_a_commit_fetch_nothing() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())
    assert [repo["repo"] for repo in hooks["repos"]] == ["local"]
    entries = [hook["entry"] for hook in hooks["repos"][0]["hooks"]]
    assert all(entry.startswith(".venv/bin/") for entry in entries)
