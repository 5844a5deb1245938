"""Looking at fitted models, fetching and deleting them, as much of them as the caller may see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from siprems_backend.errors import Gone, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, pipeline_models
from siprems_backend.models.pipeline_models import PipelineModel
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import model_store
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role


@dataclass(frozen=True)
class ModelFile:
    """A file to send."""

    path: Path
    name: str


def get(model_id: UUID, caller: Principal) -> PipelineModel:
    """One model.

    Raises:
        NotFound: no such model, or not the caller's; which of the two is not told.
    """
    with database.reading() as session:
        return _visible(pipeline_models.by_id(session, model_id), model_id, caller)


def listing(request: PageRequest, caller: Principal, name: str | None = None) -> Page[PipelineModel]:
    """The caller's models, or everybody's for an operator, of one name or of all; the newest first."""
    owner_id = None if caller.may(Role.OPERATOR) else caller.user_id
    return _page(request, owner_id, name)


def versions(model_id: UUID, request: PageRequest, caller: Principal) -> Page[PipelineModel]:
    """All versions of a model, the newest first.

    Raises:
        NotFound: no such model, or not the caller's.
    """
    model = get(model_id, caller)
    return _page(request, model.owner_id, model.name)


def fetch(model_id: UUID, caller: Principal) -> ModelFile:
    """The skops file of a model.

    Raises:
        NotFound: no such model, or not the caller's.
        Gone: its file is no longer there.
    """
    model = get(model_id, caller)
    name = re.sub(r"[^\w.-]+", "-", model.name).strip("-.") or "model"
    return ModelFile(existing_path(model_id), f"{name}-{model.version}.skops")


def existing_path(model_id: UUID) -> Path:
    """The file of a model; raises `Gone` if it is no longer there."""
    path = model_store.path_of(model_id)
    if not path.exists():
        raise Gone("The model's file is gone; run the pipeline again.", code="model_gone")
    return path


def remove(model_id: UUID, caller: Principal) -> None:
    """Delete a model and its file.

    Raises:
        NotFound: no such model, or not the caller's.
    """
    with database.transaction() as session:
        model = _visible(pipeline_models.by_id(session, model_id, lock=True), model_id, caller)
        pipeline_models.remove(session, model_id)
        details = {"name": model.name, "version": model.version}
        audit.record(
            session,
            "model.delete",
            user_id=caller.user_id,
            target=f"pipeline model {model_id}",
            details=details,
        )
    model_store.forget(model_id)


def _page(request: PageRequest, owner_id: int | None, name: str | None) -> Page[PipelineModel]:
    with database.reading() as session:
        found, total = pipeline_models.page(
            session, owner_id=owner_id, name=name, offset=request.offset, limit=request.page_size
        )
    return Page(found, request.page, request.page_size, total)


def _visible(model: PipelineModel | None, model_id: UUID, caller: Principal) -> PipelineModel:
    if model is None or (model.owner_id != caller.user_id and not caller.may(Role.OPERATOR)):
        raise NotFound(f"There is no model {model_id}.", code="model_not_found")
    return model
