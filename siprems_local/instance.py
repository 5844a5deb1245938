"""What is made once for an instance and kept: its name, secrets and ports."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from siprems_local.errors import LocalError


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass
class Instance:
    """The content of ``instance.json``."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    database_password: str = field(default_factory=_secret)
    broker_password: str = field(default_factory=_secret)
    jwt_secret_key: str = field(default_factory=lambda: secrets.token_hex(32))
    demo_email: str = "demo@example.com"
    demo_password: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    demo_loaded: bool = False
    # Whether the first start has asked for the demo shop; later starts need not ask again.
    demo_settled: bool = False
    database_port: int | None = None
    broker_port: int | None = None

    def save(self, path: Path) -> None:
        """Write the file in one step, readable by its owner only."""
        unfinished = path.with_name(path.name + ".new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(asdict(self), out, indent=2)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)


def load_instance(path: Path) -> Instance:
    """The instance at ``path``; a new one, saved, where there is none."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        instance = Instance()
        instance.save(path)
        return instance
    except (ValueError, OSError) as error:
        raise LocalError(
            f"{path} cannot be read ({error}): restore it, or remove the folder it is in."
        ) from error
    known = {each.name for each in fields(Instance)}
    if not isinstance(content, dict) or not {"id", "database_password"} <= content.keys():
        raise LocalError(f"{path} is not an instance file: restore it, or remove the folder it is in.")
    return Instance(**{name: value for name, value in content.items() if name in known})
