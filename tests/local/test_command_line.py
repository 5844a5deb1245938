"""Arguments, help and the supervisor's configuration."""

import configparser
import re
import socket

import click
import pytest
from flask import Flask

from siprems_backend.cli import siprems
from siprems_local import program, supervisor
from siprems_local.cli import main
from siprems_local.commands.status import uptime
from siprems_local.errors import LocalError
from siprems_local.home import Home
from siprems_local.options import default_workers, web_port
from siprems_local.ports import LOOPBACK, choose


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_lists_the_commands_there_are(
    app: Flask, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    commands = capsys.readouterr().out.partition("\nEnvironment\n")[0]
    listed = set(re.findall(r"^  ([a-z]+) ", commands, re.MULTILINE))
    assert listed == {"up", "status", "down", "test", *siprems.list_commands(click.Context(siprems))}


@pytest.mark.parametrize(
    "arguments",
    [["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--workers", "0"], ["--workers", "1e3"]],
)
def test_bad_numbers_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["up", *arguments])
    assert ended.value.code == 2
    assert "is not a number from" in capsys.readouterr().err


def test_status_without_an_instance(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIPREMS_HOME", str(home.path / "new"))
    assert main(["status"]) == 3
    assert main(["down"]) == 0
    assert not (home.path / "new").exists(), "looking makes nothing"
    assert "not running" in capsys.readouterr().out


def test_a_home_that_cannot_be_written_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIPREMS_HOME", "/proc/nothing")
    assert main(["up"]) == 1
    assert "Set SIPREMS_HOME" in capsys.readouterr().err


def test_the_web_port() -> None:
    port = choose()
    assert web_port(port, {}) == port
    assert web_port(None, {"PORT": str(port)}) == port
    with socket.create_server((LOOPBACK, port)), pytest.raises(LocalError, match="--port"):
        web_port(port, {})
    with pytest.raises(LocalError, match="PORT is 'high'"):
        web_port(None, {"PORT": "high"})
    assert 8000 <= web_port(None, {}) < 65536
    assert 1 <= default_workers() <= 4


def test_programs_stop_in_order_and_are_all_known() -> None:
    configuration = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))
    configuration.read(supervisor.CONFIGURATION)
    sections = {
        name.partition(":")[2]: configuration[name] for name in configuration if name.startswith("program:")
    }
    assert set(sections) == set(program.COMMANDS)
    # supervisord stops the highest priority first.
    order = sorted(sections, key=lambda name: -int(sections[name]["priority"]))
    assert order == ["beat", "worker", "web"]
    assert all(section["autorestart"] == "true" for section in sections.values())
    assert int(sections["worker"]["stopwaitsecs"]) >= 600


def test_uptime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siprems_local.commands.status.time.time", lambda: 200_000.0)
    assert uptime(200_000.0) == "0:00:00"
    assert uptime(200_001.0) == "0:00:00"
    assert uptime(200_000.0 - 3_725) == "1:02:05"
    assert uptime(0.0) == "2 d 7:33:20"
