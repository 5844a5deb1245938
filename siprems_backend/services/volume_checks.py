"""The doctor's look at the folders and the models in them."""

from __future__ import annotations

import os
from pathlib import Path

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import health_queries
from siprems_backend.services.checks import Finding, State, fine
from siprems_backend.services.forecasting import load_model
from siprems_backend.services.health import LITTLE_SPACE
from siprems_backend.services.model_repository import open_store
from siprems_backend.utils import disk
from siprems_backend.utils.atomic_file import write_atomically

NO_SPACE = 100_000_000
# Every model is looked for; reading takes about a millisecond each, so only the newest are read.
MOST_READ = 200
NAMED = 3


def models_folder() -> Finding:
    """Whether models can be written, and for how long."""
    settings = get_settings()
    for name, folder in (("MODELS_DIR", settings.models_dir), ("MODELS_META_DIR", settings.meta_dir)):
        finding = _folder(name, folder)
        if finding.state is not State.OK:
            return finding
    return _folder("MODELS_DIR", settings.models_dir)


def data_folder() -> Finding:
    """Whether uploads can be written, and for how long."""
    return _folder("DATA_DIR", get_settings().data_dir)


def _folder(setting: str, folder: Path) -> Finding:
    probe = folder / f".doctor-{os.getpid()}"
    try:
        write_atomically(probe, b"probe")
        probe.unlink()
        free = disk.free_bytes(folder)
    except OSError as error:
        advice = (
            f"Give the user of web and workers the right to write there, or set {setting} to another folder."
        )
        return Finding(State.FAILED, f"{folder}: {error.strerror}", advice)
    message = f"{folder} is writable, {disk.as_text(free)} free"
    if free < LITTLE_SPACE:
        state = State.FAILED if free < NO_SPACE else State.WARNING
        advice = "Make room: fewer MODEL_VERSIONS_KEPT, a shorter FINISHED_TASKS_KEPT_HOURS, a larger disk."
        return Finding(state, message, advice)
    return fine(message)


def models() -> Finding:
    """Whether the models that the database says are active are there and can be read."""
    with database.reading() as session:
        skus = health_queries.skus_with_model(session)
    if not skus:
        return fine("none trained yet")
    store = open_store()
    missing = [sku for sku in skus if store.stamp(sku) is None]
    # A SKU without files loads as None too; it is counted once, as missing.
    broken = [sku for sku in skus[:MOST_READ] if store.stamp(sku) is not None and load_model(sku) is None]
    if missing or broken:
        named = ", ".join(repr(sku) for sku in (missing + broken)[:NAMED])
        message = f"of {len(skus)}, {len(missing)} have no file and {len(broken)} cannot be read: {named}"
        advice = "Let web and workers share one MODELS_DIR, then train again: `./siprems train --all`."
        return Finding(State.FAILED, message, advice)
    return fine(f"{len(skus)} products have one, all files are there")
