"""Versions of learned models: files on the volume and rows in the database, changed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, learned_models, shop_forecast_queries
from siprems_backend.models.learned_models import LearnedModelVersion
from siprems_backend.services.identity import Principal
from siprems_backend.services.prediction_engines import LEARNED
from siprems_backend.services.stores.learned_store import LearnedStore, checksum_of
from siprems_backend.services.task_registry import fence
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_engine.forecasting.errors import CorruptModel, UnsupportedModel
from siprems_engine.forecasting.learned import LearnedModel, load_model

log = structlog.get_logger(__name__)

# The errors of the blend must fall by so much before a model is worth its cost every night.
WORTHWHILE = 0.99


@dataclass(frozen=True, eq=False)
class NewVersion:
    """What a training leaves."""

    model: LearnedModel
    products: int
    training_rows: int
    hyperparameters: dict[str, Any]
    report: dict[str, Any]
    gain: float | None
    owner_id: int | None = None


def open_store() -> LearnedStore:
    """The store of these settings."""
    return LearnedStore(get_settings().models_dir)


def save(new: NewVersion) -> LearnedModelVersion:
    """Keep a model as the next and active version of its type; the oldest versions go.

    A task that is run again, because its worker died after this, leaves what it made then as it is.

    Raises:
        OSError: the volume is full or away; the former version still serves.
    """
    data, model_type = new.model.dump(), new.model.recipe.model_type
    task_id, store = fence.running_task(), open_store()
    with database.transaction() as session:
        learned_models.lock(session, model_type)
        earlier = None if task_id is None else learned_models.by_task(session, task_id)
        if earlier is not None:
            return earlier
        version = LearnedModelVersion(
            model_type=model_type,
            version=learned_models.newest_version(session, model_type) + 1,
            step_days=new.model.step.days,
            products=new.products,
            training_rows=new.training_rows,
            hyperparameters=new.hyperparameters,
            report=new.report,
            gain=new.gain,
            checksum=checksum_of(data),
            size_bytes=len(data),
            trained_at=clock.now(),
            task_id=task_id,
            owner_id=new.owner_id,
        )
        session.add(version)
        session.flush()
        learned_models.make_active(session, version)
        old = learned_models.superseded(session, model_type, get_settings().model_versions_kept)
        gone = [(each.model_type, each.version) for each in old]
        learned_models.remove(session, [each.id for each in old])
        fence.require_lease(session)
        store.write(model_type, version.version, data)
    for each in gone:
        store.remove(*each)
    return version


def get(model_id: int) -> LearnedModelVersion:
    """One version.

    Raises:
        NotFound: there is none of that id.
    """
    with database.reading() as session:
        return _require(learned_models.by_id(session, model_id), model_id)


def _require(found: LearnedModelVersion | None, model_id: int) -> LearnedModelVersion:
    if found is None:
        raise NotFound(f"There is no learned model {model_id}.", code="model_not_found")
    return found


def listing(model_type: str | None, request: PageRequest) -> Page[LearnedModelVersion]:
    """Versions, of one type or of all, the newest first."""
    with database.reading() as session:
        found, total = learned_models.page(session, model_type, request.offset, request.page_size)
    return Page(found, request.page, request.page_size, total)


def active(model_type: str | None = None) -> Sequence[LearnedModelVersion]:
    """The active versions, of one type or of all."""
    with database.reading() as session:
        return learned_models.active(session, model_type)


def require_trained(engine: str) -> None:
    """See that an engine can be asked for: a learned model must have been trained.

    Raises:
        Invalid: nobody has trained it.
    """
    if engine in LEARNED and not active(engine):
        problem = f"Nobody has trained the model '{engine}' yet: POST /train/{engine}, or ask for 'auto'."
        raise Invalid(problem, code="model_not_trained", fields={"engine": [problem]})


def worthwhile(versions: Sequence[LearnedModelVersion]) -> LearnedModelVersion | None:
    """The one of these that helps the blend most; None if none helps enough."""
    helping = [each for each in versions if each.gain is not None and each.gain <= WORTHWHILE]
    return min(helping, key=lambda each: each.gain or 0.0, default=None)


def file_of(model_id: int) -> tuple[LearnedModelVersion, Path]:
    """A version and where its file lies.

    Raises:
        NotFound: there is none of that id, or its file is gone.
    """
    version = get(model_id)
    path = open_store().path(version.model_type, version.version)
    if not path.is_file():
        raise NotFound(
            f"The file of learned model {model_id} is gone; train it again.", code="model_file_gone"
        )
    return version, path


def activate(model_id: int, caller: Principal) -> LearnedModelVersion:
    """Let an earlier version forecast again; the forecasts of the other one go.

    Raises:
        NotFound: there is none of that id.
        Conflict: its file is gone or broken.
    """
    with database.transaction() as session:
        version = _require(learned_models.by_id(session, model_id), model_id)
        learned_models.lock(session, version.model_type)
        if load(version) is None:
            raise Conflict(
                "The file of this version is gone or broken; train it again.", code="model_file_gone"
            )
        learned_models.make_active(session, version)
        shop_forecast_queries.forget_learned(session, version.model_type, but=version.id)
        _note(session, "learned_model.activate", version, caller)
    return version


def remove(model_id: int, caller: Principal) -> None:
    """Delete a version, its file and its forecasts; the newest other one of its type takes its place.

    Raises:
        NotFound: there is none of that id.
    """
    with database.transaction() as session:
        version = _require(learned_models.by_id(session, model_id), model_id)
        learned_models.lock(session, version.model_type)
        learned_models.remove(session, [model_id])
        others = learned_models.superseded(session, version.model_type, 0)
        if version.is_active and others:
            learned_models.make_active(session, others[0])
        _note(session, "learned_model.delete", version, caller)
    open_store().remove(version.model_type, version.version)


def _note(session: Session, action: str, version: LearnedModelVersion, caller: Principal) -> None:
    target = f"{version.model_type} {version.version}"
    audit.record(session, action, user_id=caller.user_id, target=target)


def load(version: LearnedModelVersion) -> LearnedModel | None:
    """The model of a version; None, and a line in the log, if its file cannot be used."""
    return _loaded(get_settings().models_dir, version.model_type, version.version, version.checksum)


@lru_cache(maxsize=4)
def _loaded(folder: Path, model_type: str, version: int, checksum: str) -> LearnedModel | None:
    data = LearnedStore(folder).read(model_type, version, checksum)
    try:
        return None if data is None else load_model(data)
    except (CorruptModel, UnsupportedModel) as error:
        log.warning("learned_model_unusable", model_type=model_type, version=version, error=str(error))
        return None
    finally:
        if data is None:
            log.warning("learned_model_gone", model_type=model_type, version=version)
