"""Saved pipelines of analysts. What a workflow does is kept by version, and a version never changes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, CreatedAt, Json, Moment


class Workflow(Base):
    """A workflow, its current `version` and who may use it.

    One that was deleted stays, unseen, until the tasks that were to run it have ended.
    """

    __tablename__ = "workflows"
    __table_args__ = (
        Index(
            "uq_workflows_owner_id_name",
            "owner_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    deleted_at: Mapped[Moment | None]


class WorkflowVersion(Base):
    """What a workflow did at one version: its list of nodes, and the parameters that executions may set."""

    __tablename__ = "workflow_versions"

    workflow_id: Mapped[UUID] = mapped_column(
        ForeignKey("workflows.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    pipeline: Mapped[Json]
    parameters: Mapped[Json] = mapped_column(server_default="{}")
    # The earlier version that this one repeats.
    restored_from: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[CreatedAt]
