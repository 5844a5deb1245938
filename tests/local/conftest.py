"""An instance's folder that the servers' account can reach, and a launcher with a stand-in backend."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from siprems_local.home import CHECKOUT, Home
from siprems_local.instance import load_instance
from siprems_local.leftovers import end_leftovers, leftover_processes

PATIENCE_SECONDS = 60.0


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something becomes true in reasonable time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def home() -> Iterator[Home]:
    """A made home. pytest's own folders are closed to the account that runs servers for root."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        made = Home(Path(folder) / "home")
        made.make()
        yield made


class StandIn:
    """A checkout with the launcher and a stand-in backend."""

    def __init__(self, checkout: Path, home: Home) -> None:
        self.checkout = checkout
        self.home = home
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {"PYTHONPATH": str(checkout), "SIPREMS_HOME": str(home.path)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self._command(arguments),
            env=self.environment,
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command in a session of its own, as if at another terminal.

        A shell that runs the tests in its background makes them ignore Ctrl-C; a terminal would not.
        """
        return subprocess.Popen(
            ["env", "--default-signal=INT", *self._command(arguments)],
            env=self.environment,
            cwd="/",
            text=True,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def processes(self) -> list[int]:
        """Every process of the instance."""
        return leftover_processes(self.home, load_instance(self.home.instance_file))

    def nothing_is_left(self) -> bool:
        """Whether no process of the instance remains."""
        return eventually(lambda: not self.processes())

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-P", "-m", "siprems_local", *arguments]


@pytest.fixture
def stand_in(home: Home, tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in checkout; whatever a failed test leaves running is ended."""
    checkout = tmp_path / "checkout with spaces"
    shutil.copytree(Path(__file__).parent / "stand_in", checkout)
    shutil.copytree(CHECKOUT / "siprems_local", checkout / "siprems_local")
    yield StandIn(checkout, home)
    end_leftovers(home, load_instance(home.instance_file))
