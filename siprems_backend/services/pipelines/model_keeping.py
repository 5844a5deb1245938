"""Keeping the models of a run: files on the volume, rows in the database, versions by the pipeline's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import TooLarge
from siprems_backend.extensions.database import database
from siprems_backend.models import pipeline_models
from siprems_backend.models.pipeline_models import PipelineModel
from siprems_backend.services.identity import Principal
from siprems_backend.services.imports import storage
from siprems_backend.services.pipelines import model_store
from siprems_backend.services.pipelines.model_files import FOLDER
from siprems_backend.services.task_registry import fence
from siprems_backend.utils import clock, disk

UNNAMED = "pipeline"
# A file is in its place before its row says so.
YOUNG = timedelta(hours=6)


def keep(
    fitted: Sequence[Mapping[str, Any]], folder: Path, name: str, owner: Principal
) -> dict[int, PipelineModel]:
    """Keep what a run has fitted; the rows by the place of the node. What was kept before stays one version.

    Raises:
        TooLarge: the user has no room for them; nothing was kept.
        TaskCancelled: somebody else has taken the task; nothing was kept.
    """
    if not fitted:
        return {}
    new: list[UUID] = []
    try:
        with database.transaction() as session:
            kept = {}
            for each in fitted:
                used = pipeline_models.bytes_of(session, owner.user_id)
                row = _known(session, owner, name, each["digest"])
                if row is None:
                    row = _row(session, owner, name, each)
                    new.append(row.id)
                    _put(row, folder / FOLDER / f"{row.digest}.skops", used)
                    session.add(row)
                    session.flush()
                kept[each["place"]] = row
            fence.require_lease(session)
    except BaseException:
        for model_id in new:
            model_store.forget(model_id)
        raise
    return kept


def _known(session: Session, owner: Principal, name: str, digest: str) -> PipelineModel | None:
    """The same model, if an earlier run has kept it."""
    same = pipeline_models.of_content(session, owner.user_id, name, digest)
    return same if same is not None and model_store.path_of(same.id).exists() else None


def _row(session: Session, owner: Principal, name: str, fitted: Mapping[str, Any]) -> PipelineModel:
    return PipelineModel(
        id=uuid4(),
        owner_id=owner.user_id,
        name=name,
        version=pipeline_models.last_version(session, owner.user_id, name) + 1,
        task_id=fence.running_task(),
        created_at=clock.now(),
        **{key: value for key, value in fitted.items() if key != "place"},
    )


def _put(row: PipelineModel, written: Path, used: int) -> None:
    row.sha256, row.size_bytes = model_store.digest(written), written.stat().st_size
    _require_room(used + row.size_bytes)
    model_store.put(written, row.id)


def _require_room(wanted: int) -> None:
    quota = get_settings().pipeline_models_bytes
    if wanted > quota:
        problem = (
            f"With this model yours would have more than {disk.as_text(quota)}; delete some of them first, "
            "or fit a smaller one."
        )
        raise TooLarge(problem, code="model_quota", fields={"pipeline": [problem]})


def forget_orphans() -> int:
    """Remove files that no row speaks of; how many."""
    limit, found = clock.now() - YOUNG, model_store.by_id()
    with database.reading() as session:
        known = pipeline_models.existing(session, list(found))
    orphans = [path for model_id, paths in found.items() if model_id not in known for path in paths]
    old = [path for path in orphans if storage.written_before(path, limit)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
