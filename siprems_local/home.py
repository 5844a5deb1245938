"""The folder that holds one instance: databases, models, logs, secrets."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from siprems_local.account import server_account, server_folder
from siprems_local.errors import LocalError

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """Paths of one instance; several can live side by side."""

    path: Path

    @property
    def logs(self) -> Path:
        """The log folder."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """Lock, process record, supervisor socket."""
        return self.path / "run"

    @property
    def instance_file(self) -> Path:
        """Secrets and ports, made once."""
        return self.path / "instance.json"

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self.logs / f"{name}.log"

    def make(self) -> None:
        """Make the folders; nobody else may read them."""
        try:
            if not self.path.exists():
                # Root's servers run as another account, which has to pass through; it cannot list.
                self.path.mkdir(parents=True, mode=0o711 if os.geteuid() == 0 else 0o700)
            for folder in (self.logs, self.run, self.path / "models", self.path / "data"):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise LocalError(
                f"Cannot write to {self.path}: {error.strerror}. Set SIPREMS_HOME to another folder."
            ) from error

    def servers(self) -> Path:
        """The folder of the embedded servers' data."""
        return server_folder(self.path, server_account(), elsewhere=Path("/var/lib"))


def find_home() -> Home:
    """SIPREMS_HOME, `.siprems` in the checkout, or a folder of the user where the checkout is read-only."""
    chosen = os.environ.get("SIPREMS_HOME")
    if chosen:
        return Home(Path(chosen).expanduser().resolve())
    beside = CHECKOUT / ".siprems"
    if os.access(beside if beside.exists() else CHECKOUT, os.W_OK | os.X_OK):
        return Home(beside)
    state = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
    return Home(state / "siprems" / hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12])
