"""What a training came to, beside the engines that forecast the shop now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, known, percent, say
from siprems_backend.dashboard.parts.bars import shares
from siprems_backend.dashboard.parts.figures import figure
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.services.prediction_engines import LEARNED
from siprems_backend.services.task_registry import Details, states

CHAMPION = "auto"
MOST_FEATURES = 10
Line = Mapping[str, Any]


def layout(details: Details) -> Component | None:
    """Figures, the comparison, and what mattered; or why there is no model."""
    result = details.task.result
    if details.task.status != states.SUCCESS or not isinstance(result, dict):
        return None
    parts = [
        _said(result),
        _figures(result.get("metrics")) if not result.get("models") else None,
        comparison(result.get("comparison") or (), str(result.get("model_type"))),
        _importances(result.get("importances")),
    ]
    return html.Div([part for part in parts if part is not None], className="stack")


def _said(result: Mapping[str, Any]) -> Component | None:
    """Whether it joins the forecasts of the night, or why nothing came of it."""
    if not result.get("success"):
        return dmc.Alert(str(result.get("message")), title=say("training.nothing"), color="yellow")
    if "joins_auto" not in result or result.get("gain") is None:
        return None
    gain = percent(abs(1 - result["gain"]), 1)
    joins = bool(result["joins_auto"])
    words = say("training.joins" if joins else "training.stays_out", gain=gain)
    return dmc.Alert(words, color="teal" if joins else "gray")


def _figures(metrics: Any) -> Component | None:
    if not isinstance(metrics, dict):
        return None
    backtest = metrics.get("backtest") or {}
    cells = [
        (say("training.figure.wape"), percent(backtest.get("wape"), 1)),
        (say("training.figure.test_r2"), amount(metrics.get("test_r2"), 3)),
        (say("training.figure.test_rmse"), amount(metrics.get("test_rmse"), 2)),
        (say("training.figure.final_loss"), amount(metrics.get("final_loss"), 3)),
    ]
    return dmc.SimpleGrid([figure(name, value) for name, value in cells], cols={"base": 2, "md": 4})


def comparison(lines: Sequence[Line], model_type: str) -> Component | None:
    """All engines on the same days, the best first; the new one and the champion are marked."""
    if not lines:
        return None
    heads = [say(f"training.compare.{name}") for name in ("engine", "wape", "bias", "rmsse", "coverage")]
    rows = [_line(line, model_type) for line in lines]
    return section(
        say("training.compare.title"),
        table(heads, rows, right={1, 2, 3, 4}, less={2, 4}),
        lead=say("training.compare.lead"),
    )


def _line(line: Line, model_type: str) -> list[Any]:
    name = str(line["engine"])
    marks = [dmc.Badge(say("training.compare.champion"), color="blue")] if name == CHAMPION else []
    if name == model_type and name in LEARNED:
        marks.append(dmc.Badge(say("training.compare.new")))
    return [
        dmc.Group([dmc.Text(engine_name(name), size="sm", fw=550 if marks else 400), *marks], gap="xs"),
        percent(line.get("wape"), 1),
        percent(line.get("bias"), 1),
        amount(line.get("rmsse"), 2),
        percent(line.get("coverage_80")),
    ]


def engine_name(name: str) -> str:
    """What an engine is called; those of a learned model in the blend say both."""
    base, _, with_model = name.partition("+")
    words = [
        say(f"engine.{part}") if known(f"engine.{part}") else part for part in (base, with_model) if part
    ]
    return " + ".join(words)


def _importances(importances: Any) -> Component | None:
    if not isinstance(importances, dict) or not importances:
        return None
    ranked = sorted(importances.items(), key=lambda pair: -pair[1])[:MOST_FEATURES]
    entries = [(_feature(name), share, percent(share, 1)) for name, share in ranked]
    return section(say("training.importances"), shares(entries))


def _feature(name: str) -> str:
    key = f"training.feature.{name}"
    return say(key) if known(key) else name.replace("_", " ").capitalize()
