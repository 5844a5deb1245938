"""The command line of ``./siprems``."""

import argparse
import importlib
import sys

from siprems_local.errors import LocalError
from siprems_local.output import warn

HELP = """\
usage: ./siprems COMMAND [options]        (./siprems COMMAND --help shows a command's options)

This machine
  up         start everything and stay until Ctrl-C
               --detach      start in the background instead
               --port N      port of the web process (default 8000, or the next free one)
               --workers N   processes of the worker (default: one per core, at most 4)
               --no-demo     leave the database empty instead of loading the demo shop
  status     show what runs, since when and where
  down       stop what `up` started; the worker finishes its tasks first, a second `down` forces
  test       lint, types, import rules and all tests; with arguments: only pytest, with these

The shop (an instance's servers are started for the command where they do not run)
  import     read sales, products, events, stock or promotions from CSV, Parquet or XLSX
  train      train products, and forecast the whole shop
  predict    print a product's forecast
  evaluate   forecast a file of sales out of sample and say how good that was (needs no servers)
  plan       print what to order today
  simulate   replay a file of sales with orders by the plan and by simpler rules (needs no servers)
  users      list and make users, change their roles
  demo       load the demo shop
  doctor     check settings, database, broker, workers, folders and clock, and say what to do
  migrate    bring the database's tables up to date
  downgrade  take them back to an earlier revision

Environment
  SIPREMS_HOME      folder of an instance's state (default .siprems); several can live side by side
  SIPREMS_VENV      folder of the virtual environment (default .venv)
  SIPREMS_PYTHON    the Python to make it with
  DATABASE_URL, REDIS_URL           use these servers instead of starting private ones
  POSTGRES_BIN_DIR, VALKEY_SERVER   programs to use for the private ones
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    argv = sys.argv[1:] if arguments is None else arguments
    if not argv or argv[0] in {"-h", "--help", "help"}:
        sys.stdout.write(HELP)
        return 0
    try:
        return _dispatch(argv[0], argv[1:])
    except LocalError as error:
        warn(f"siprems: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def _dispatch(command: str, rest: list[str]) -> int:
    # Imported when chosen: showing the help needs no installed package.
    if command in {"up", "down", "status"}:
        module = importlib.import_module(f"siprems_local.commands.{command}")
        return int(module.run(_parser(command).parse_args(rest)))
    if command == "test":
        return int(importlib.import_module("siprems_local.commands.test").run(rest))
    return int(importlib.import_module("siprems_local.commands.backend").run([command, *rest]))


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"./siprems {command}", allow_abbrev=False)
    if command == "up":
        parser.add_argument("--detach", action="store_true", help="start in the background")
        parser.add_argument(
            "--port", type=_port, help="port of the web process (default 8000 or the next free one)"
        )
        parser.add_argument(
            "--workers", type=_count, help="processes of the worker (default: cores, at most 4)"
        )
        parser.add_argument("--no-demo", dest="demo", action="store_false", help="do not load the demo shop")
        # How --detach starts the process that stays.
        parser.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
    return parser


def _port(text: str) -> int:
    return _within(text, 1, 65535)


def _count(text: str) -> int:
    return _within(text, 1, 64)


def _within(text: str, lowest: int, highest: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = lowest - 1
    if not lowest <= number <= highest:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {lowest} to {highest}")
    return number
