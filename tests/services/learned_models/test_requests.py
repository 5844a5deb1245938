"""What can be asked of a training, and whether it could be done."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import Database
from siprems_backend.models import tasks, workers
from siprems_backend.services import worker_registry
from siprems_backend.services.learned_models import availability, hyperparameters, requests, runs
from siprems_backend.services.learned_models.types import ALL, LEARNED, PROPHET, TITLES
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.services.task_registry.kinds import Queue, queue_of
from siprems_backend.services.task_registry.submission import new_row
from siprems_backend.services.worker_registry import CELERY, Identity
from siprems_backend.utils import clock


def says(name: str, *trains: str, ago: dt.timedelta = dt.timedelta(), queues: str = "pytorch") -> None:
    """A worker that says what it can train."""
    identity = Identity(name, CELERY, 1, 1, ["training", queues], clock.now())
    worker_registry.renew(identity, {worker_registry.TRAINS: trains})
    if ago:
        with worker_registry.database.transaction() as session:
            workers.leave(session, name, clock.now() - ago)


def test_frameworks_are_there_where_a_worker_says_so(database: Database) -> None:
    with pytest.raises(Invalid, match=r"pip install --no-deps -r requirements-torch.txt") as refused:
        requests.arguments("pytorch", {})
    assert refused.value.code == "extra_not_installed"
    # Without any worker the others can be asked for: they come with every worker.
    assert requests.arguments("xgboost", {})["model_type"] == "xgboost"
    assert requests.arguments(ALL, {})["model_type"] == ALL
    says("a", "xgboost", "lightgbm")
    assert availability.missing("pytorch") is not None
    # What is installed helps nobody whose task waits in a queue that is not served.
    says("b", "xgboost", "lightgbm", "pytorch", queues="tools")
    assert availability.missing("pytorch") is not None
    says("b", "xgboost", "lightgbm", "pytorch")
    assert availability.missing("pytorch") is None
    assert availability.missing("tensorflow") is not None
    # It is being started again.
    says("b", "xgboost", "pytorch", ago=dt.timedelta(minutes=2))
    assert availability.missing("pytorch") is None
    says("b", "xgboost", "pytorch", ago=dt.timedelta(hours=1))
    assert availability.missing("pytorch") is not None


def test_the_catalogue_tells_what_can_be_chosen(database: Database) -> None:
    says("a", "pytorch")
    found = {each["model_type"]: each for each in requests.catalogue()}
    assert list(found) == [PROPHET, *LEARNED, ALL]
    assert {name for name, each in found.items() if not each["available"]} == {"tensorflow"}
    for each in found.values():
        assert each["parameters"]["additionalProperties"] is False
    trees = found["xgboost"]["parameters"]["properties"]
    assert trees["epochs"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 5000,
        "description": "Epochs, or rounds of boosting, at most",
        "default": 500,
    }
    assert "hidden_sizes" not in trees
    assert found["pytorch"]["parameters"]["properties"]["hidden_sizes"]["items"]["maximum"] == 512


@pytest.mark.parametrize("model_type", [*LEARNED, PROPHET])
def test_defaults_can_be_chosen_as_they_are(model_type: str) -> None:
    defaults = hyperparameters.DEFAULTS[model_type]
    assert hyperparameters.checked(model_type, defaults) == defaults
    assert hyperparameters.of_type(model_type, {}) == defaults


@pytest.mark.parametrize(
    ("model_type", "given", "named"),
    [
        ("xgboost", {"epochs": 0}, "epochs"),
        ("xgboost", {"epochs": True}, "epochs"),
        ("xgboost", {"epochs": 1.5}, "epochs"),
        ("xgboost", {"learning_rate": float("nan")}, "learning_rate"),
        ("xgboost", {"learning_rate": "0.1"}, "learning_rate"),
        ("xgboost", {"hidden_sizes": [8]}, "hidden_sizes"),
        ("prophet", {"epochs": 5}, "epochs"),
        ("pytorch", {"hidden_sizes": []}, "hidden_sizes"),
        ("pytorch", {"hidden_sizes": [8] * 5}, "hidden_sizes"),
        ("pytorch", {"hidden_sizes": [8, 0]}, "hidden_sizes"),
        ("pytorch", {"hidden_sizes": 8}, "hidden_sizes"),
        ("all", {"wrong": 1}, "wrong"),
    ],
)
def test_what_makes_no_sense_is_named(model_type: str, given: dict[str, object], named: str) -> None:
    with pytest.raises(Invalid) as refused:
        hyperparameters.checked(model_type, given)
    assert list(refused.value.fields) == [named]


def test_of_all_types_each_takes_what_is_its_own() -> None:
    given = hyperparameters.checked(ALL, {"epochs": 7, "hidden_sizes": [4], "num_leaves": 3})
    assert hyperparameters.of_type("lightgbm", given)["num_leaves"] == 3
    assert "hidden_sizes" not in hyperparameters.of_type("lightgbm", given)
    assert hyperparameters.of_type("pytorch", given)["hidden_sizes"] == [4]
    assert hyperparameters.of_type(PROPHET, given) == {"folds": 3}
    recipe = hyperparameters.recipe_of("pytorch", hyperparameters.of_type("pytorch", given))
    assert recipe.epochs == 7
    assert set(recipe.options) == {"learning_rate", "hidden_sizes", "batch_size", "dropout", "weight_decay"}


def test_unknown_types_are_not_there(database: Database) -> None:
    with pytest.raises(NotFound, match="choose one of prophet, xgboost"):
        requests.arguments("caffe", {})


def test_a_training_waits_where_its_framework_is(database: Database) -> None:
    kind = TaskKind.TRAIN_MODEL
    assert queue_of(kind, {"model_type": "pytorch"}) is Queue.PYTORCH
    assert queue_of(kind, {"model_type": "tensorflow"}) is Queue.TENSORFLOW
    assert queue_of(kind, {"model_type": "pytorch", "unavailable": "why"}) is Queue.TRAINING
    assert queue_of(kind, {"model_type": "xgboost"}) is Queue.TRAINING
    assert queue_of(TaskKind.TRAIN_ALL, {"model_type": "pytorch"}) is Queue.TRAINING


def test_all_types_are_parts_of_one_task(database: Database) -> None:
    says("a", "pytorch")
    parent = new_row(TaskKind.TRAIN_MODEL, {"model_type": ALL}, task_id=uuid4())
    with database.transaction() as session:
        session.add(tasks.Task(**parent))
    assert runs.start(parent["id"], {"epochs": 3}) == 5
    # Repeating it is harmless.
    assert runs.start(parent["id"], {"epochs": 3}) == 5
    with database.reading() as session:
        found = session.query(tasks.Task).filter_by(parent_id=parent["id"]).all()
    parts = {task.kwargs["model_type"]: task for task in found}
    assert {name: task.queue for name, task in parts.items()} == {
        "prophet": "training",
        "xgboost": "training",
        "lightgbm": "training",
        "pytorch": "pytorch",
        "tensorflow": "training",
    }
    assert "requirements-tensorflow.txt" in parts["tensorflow"].kwargs["unavailable"]
    skipped = runs.run("tensorflow", {}, unavailable=parts["tensorflow"].kwargs["unavailable"])
    assert skipped["status"] == "skipped"


def test_parts_are_joined_in_one_table(database: Database) -> None:
    def part(name: str, status: str, result: object = None, error: object = None) -> tasks.Task:
        kwargs = {"model_type": name}
        return tasks.Task(id=uuid4(), kwargs=kwargs, status=status, result=result, error=error, message="")

    lines = [
        {"engine": "xgboost", "wape": 0.4},
        {"engine": "auto", "wape": 0.3},
        {"engine": "x", "wape": None},
    ]
    good = {
        "success": True,
        "status": "success",
        "message": "m",
        "metrics": {"test_r2": 0.5},
        "comparison": lines,
    }
    found = runs.summarise(
        tasks.Task(),
        [
            part("xgboost", "SUCCESS", good),
            part("lightgbm", "FAILURE", error={"message": "broke"}),
            part("pytorch", "REVOKED"),
        ],
    )
    assert found["success"] is True
    assert found["message"] == "Trained 1 of 3 types: xgboost"
    assert found["metrics"]["xgboost"] == {"test_r2": 0.5}
    assert found["models"]["lightgbm"]["message"] == "broke"
    assert found["models"]["pytorch"]["status"] == "revoked"
    assert [line["engine"] for line in found["comparison"]] == ["auto", "xgboost", "x"]


def test_titles_are_of_all_types() -> None:
    assert set(TITLES) == {PROPHET, *LEARNED, ALL}
