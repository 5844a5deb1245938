"""What users may have done regularly: each action is a kind of task and what its arguments are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid, ServiceError
from siprems_backend.extensions.database import database
from siprems_backend.models import history_queries
from siprems_backend.models.users import User
from siprems_backend.services import product_choice
from siprems_backend.services.histories import require_product
from siprems_backend.services.identity import Principal
from siprems_backend.services.learned_models import requests as model_requests
from siprems_backend.services.prediction_engines import unusual
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.services.tool_runner import registry, requests
from siprems_backend.services.workflows import requests as workflow_requests
from siprems_backend.services.workflows.requests import Config
from siprems_backend.utils.roles import Role

Parameters = Mapping[str, Any]


def _nothing(_parameters: Parameters, _owner: Principal) -> dict[str, Any]:
    return {}


def _category(parameters: Parameters, _owner: Principal) -> dict[str, Any]:
    category = parameters["category"]
    with database.reading() as session:
        if not history_queries.active_products(session, category):
            problem = f"No active product is in the category '{category}'."
            raise Invalid(problem, code="no_products", fields={"parameters": {"category": [problem]}})
    return {"category": category}


def _product(parameters: Parameters, _owner: Principal) -> dict[str, Any]:
    with database.reading() as session:
        require_product(session, parameters["product_sku"])
    return {"product_sku": parameters["product_sku"]}


def _batch(parameters: Parameters, _owner: Principal) -> dict[str, Any]:
    """A filter stays a filter, so that each run finds the products of its day."""
    skus, wanted = parameters.get("product_skus"), parameters.get("filter")
    names = product_choice.chosen(skus, wanted)
    chosen = {"product_skus": names} if skus else {"wanted": dict(wanted or {})}
    extra = unusual(parameters["engine"], parameters["quantiles"])
    return {**chosen, "forecast_days": parameters["days"], **extra}


def _tool(parameters: Parameters, owner: Principal) -> dict[str, Any]:
    """Parameters stay as they were given: each run puts them into their final form."""
    requests.arguments(parameters["tool_name"], parameters["parameters"], owner)
    return {"tool_name": parameters["tool_name"], "parameters": dict(parameters["parameters"])}


def _model(parameters: Parameters, _owner: Principal) -> dict[str, Any]:
    return model_requests.arguments(parameters["model_type"], parameters.get("hyperparameters", {}))


def _workflow(parameters: Parameters, owner: Principal) -> dict[str, Any]:
    """Without a version: each run is of the one that is current then."""
    config = Config(parameters["workflow_id"], parameters["inputs"])
    workflow_requests.require_runnable(config, owner)
    return config.kwargs


def _workflow_runs(arguments: Parameters, owner: Principal) -> None:
    config = Config(UUID(arguments["workflow_id"]), arguments["inputs"])
    workflow_requests.require_runnable(config, owner)


def _runs_always(_arguments: Parameters, _owner: Principal) -> None:
    pass


def _complete(_session: Session, arguments: Parameters) -> dict[str, Any]:
    return dict(arguments)


def _as_given(arguments: Parameters) -> dict[str, Any]:
    return dict(arguments)


def _batch_as_given(arguments: Parameters) -> dict[str, Any]:
    names = {"wanted": "filter", "forecast_days": "days"}
    return {names.get(name, name): value for name, value in arguments.items()}


def _analyst(_arguments: Parameters) -> Role:
    return Role.ANALYST


def _tool_user(arguments: Parameters) -> Role:
    least = registry.find(arguments["tool_name"]).role
    return least if least.includes(Role.ANALYST) else Role.ANALYST


@dataclass(frozen=True)
class Action:
    """One thing that can be scheduled.

    `arguments` makes the task's arguments from what the owner gave, or raises what is wrong with it;
    `parameters` is its reverse; `role` is what the owner must be, now and at every run; `runs` raises what
    else keeps it from running now; `at_start` adds the arguments that each run has of its own.
    """

    kind: TaskKind
    arguments: Callable[[Parameters, Principal], dict[str, Any]]
    parameters: Callable[[Parameters], dict[str, Any]] = _as_given
    role: Callable[[Parameters], Role] = _analyst
    runs: Callable[[Parameters, Principal], None] = _runs_always
    at_start: Callable[[Session, Parameters], dict[str, Any]] = _complete


ACTIONS: dict[str, Action] = {
    "train_all": Action(TaskKind.TRAIN_ALL, _nothing),
    "train_category": Action(TaskKind.TRAIN_ALL, _category),
    "train_product": Action(TaskKind.TRAIN_PRODUCT, _product),
    "train_model": Action(TaskKind.TRAIN_MODEL, _model),
    "refresh_forecasts": Action(TaskKind.REFRESH_FORECASTS, _nothing),
    "watch_accuracy": Action(TaskKind.ACCURACY_WATCH, _nothing),
    "morning_summary": Action(TaskKind.MORNING_SUMMARY, _nothing),
    "predict_batch": Action(TaskKind.PREDICT_BATCH, _batch, _batch_as_given),
    "run_tool": Action(TaskKind.RUN_TOOL, _tool, role=_tool_user),
    "run_workflow": Action(
        TaskKind.EXECUTE_WORKFLOW,
        _workflow,
        runs=_workflow_runs,
        at_start=workflow_requests.with_version,
    ),
}


def name_of(kind: str, arguments: Parameters) -> str | None:
    """The action whose task this is; None if this version has none."""
    if kind == TaskKind.TRAIN_ALL:
        return "train_category" if "category" in arguments else "train_all"
    return next((name for name, action in ACTIONS.items() if action.kind == kind), None)


def obstacle(kind: str, arguments: Parameters, owner: User) -> str | None:
    """Why a schedule of this owner must not run; None if it may."""
    if not owner.is_active:
        return "The account of its owner is deactivated."
    name = name_of(kind, arguments)
    if name is None:
        return f"This version has no task {kind}."
    action, role = ACTIONS[name], Role(owner.role)
    try:
        least = action.role(arguments)
        if not role.includes(least):
            return f"It needs the role '{least}'; its owner's is '{role}'."
        action.runs(arguments, Principal(owner.id, owner.email, role))
    except ServiceError as error:
        return error.message
    return None


def arguments_now(session: Session, kind: str, arguments: Parameters) -> dict[str, Any]:
    """The arguments of a task that a schedule starts now.

    Raises:
        ServiceError: what they are made from is gone.
    """
    name = name_of(kind, arguments)
    return dict(arguments) if name is None else ACTIONS[name].at_start(session, arguments)
