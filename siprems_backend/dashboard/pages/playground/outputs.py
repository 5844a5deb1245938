"""What nodes tell besides rows: figures, matrices, residuals, profiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, known, percent, say
from siprems_backend.dashboard.parts.bars import histogram, shaded, shares
from siprems_backend.dashboard.parts.charts import function
from siprems_backend.dashboard.parts.values import word
from siprems_backend.dashboard.paths import path_to

Output = Mapping[str, Any]
SHARES = {"accuracy", "precision", "recall", "f1", "roc_auc", "train_accuracy"}
MOST_POINTS = 400
MOST_BARS = 20
MOST_CLASSES = 12
ORDER = (
    "test_r2",
    "test_rmse",
    "test_mae",
    "train_r2",
    "train_rmse",
    "train_mae",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "train_accuracy",
)


def layout(node_type: str, output: Output) -> Component | None:
    """What a node had to tell, as pictures where there is one for it."""
    made = [make(output) for name, make in MAKERS.items() if name in output]
    shown = [part for part in made if part is not None]
    return html.Div(shown, className="output", **{"data-node": node_type}) if shown else None


def _metrics(output: Output) -> Component:
    found = output["metrics"]
    # The ledger does not keep the order of names.
    ordered = [name for name in ORDER if name in found] + sorted(set(found) - set(ORDER))
    cells = []
    for name in ordered:
        key, value = f"playground.metric.{name}", found[name]
        words = percent(value, 1) if name in SHARES else amount(value, 3)
        cells.append(html.Div([html.Dt(say(key) if known(key) else name), html.Dd(words)]))
    return html.Dl(cells, className="facts metrics")


def _model(output: Output) -> Component:
    version = output.get("model_version")
    words = (
        say("playground.model_kept") if version is None else say("playground.model_version", version=version)
    )
    return dmc.Anchor(words, href=path_to("playground", view="models"), size="sm")


def _matrix(output: Output) -> Component:
    """The most frequent classes, in their order; those that never came up say nothing."""
    labels, matrix = output["labels"], output["matrix"]
    sizes = [sum(matrix[at]) + sum(line[at] for line in matrix) for at in range(len(labels))]
    ranked = sorted(range(len(labels)), key=lambda at: -sizes[at])[:MOST_CLASSES]
    shown = [at for at in sorted(ranked) if sizes[at]]
    names = [_class_name(labels[at]) for at in shown]
    rows = [(_class_name(labels[at]), [matrix[at][to] for to in shown]) for at in shown]
    label = say("playground.confusion")
    rest = sum(1 for size in sizes if size) - len(shown)
    more = dmc.Text(say("playground.rare_classes", count=rest), size="xs", c="dimmed") if rest else None
    drawn = shaded(names, rows, amount, corner=say("playground.actual_predicted"), label=label)
    return html.Div([dmc.Text(label, size="sm", c="dimmed"), drawn, more])


def _class_name(label: Any) -> str:
    """Classes that are numbers come as texts such as 3.0."""
    try:
        number = float(label)
    except (TypeError, ValueError):
        return word(label)
    return word(number)


def _residuals(output: Output) -> Component:
    points = output["points"]
    data = [
        {"predicted": round(x, 4), "residual": round(y, 4)}
        for x, y in zip(points["predicted"][:MOST_POINTS], points["residual"][:MOST_POINTS], strict=False)
    ]
    label = say("playground.residuals")
    chart = dmc.ScatterChart(
        data=[{"name": label, "color": "var(--forecast)", "data": data}],
        dataKey={"x": "predicted", "y": "residual"},
        h=260,
        xAxisLabel=say("playground.predicted"),
        yAxisLabel=say("playground.residual"),
        referenceLines=[{"y": 0, "color": "var(--line-strong)"}],
        xAxisProps={"type": "number", "domain": ["auto", "auto"], "tickFormatter": function("shortNumber")},
        yAxisProps={"tickFormatter": function("shortNumber"), "width": 56},
        withTooltip=False,
    )
    figure = html.Figure([chart, html.Figcaption(label, className="unseen")], className="chart")
    spread = output.get("histogram")
    side = histogram(spread["counts"], spread["edges"], label) if spread else None
    facts = _facts({"mean": amount(output.get("mean"), 3), "std": amount(output.get("std"), 3)})
    return dmc.Grid(
        [
            dmc.GridCol(figure, span={"base": 12, "sm": 7}),
            dmc.GridCol([facts, side], span={"base": 12, "sm": 5}),
        ],
        gutter="lg",
    )


def _importances(output: Output) -> Component:
    rows = [
        (each["feature"], each["mean"], amount(each["mean"], 3)) for each in output["importances"][:MOST_BARS]
    ]
    return html.Div([dmc.Text(say("playground.importances"), size="sm", c="dimmed"), shares(rows)])


def _scores(output: Output) -> Component:
    kept = set(output.get("kept", ()))
    ranked = sorted(output["scores"].items(), key=lambda pair: -(pair[1] or 0))[:MOST_BARS]
    rows = [(f"{'✓ ' if name in kept else ''}{name}", value or 0.0, amount(value)) for name, value in ranked]
    return html.Div([dmc.Text(say("playground.scores"), size="sm", c="dimmed"), shares(rows)])


def _failures(output: Output) -> Component:
    if not output["failures"]:
        return dmc.Text(say("playground.valid"), size="sm")
    return html.Ul([html.Li(each["message"]) for each in output["failures"]], className="plain-list")


def _split(output: Output) -> Component:
    return _facts({name: amount(output[name]) for name in ("train_rows", "test_rows")})


def _dropped(output: Output) -> Component | None:
    return _facts({"rows_dropped": amount(output["rows_dropped"])}) if output["rows_dropped"] else None


def _clusters(output: Output) -> Component:
    rows = [(amount(place), size, amount(size)) for place, size in enumerate(output["cluster_sizes"])]
    return html.Div([dmc.Text(say("playground.clusters"), size="sm", c="dimmed"), shares(rows[:MOST_BARS])])


def _duplicates(output: Output) -> Component:
    return _facts({"duplicate_rows": amount(output["duplicate_rows"])})


def _facts(facts: Mapping[str, str]) -> Component:
    cells = [
        html.Div([html.Dt(say(f"playground.fact.{name}")), html.Dd(value)]) for name, value in facts.items()
    ]
    return html.Dl(cells, className="facts")


MAKERS: dict[str, Callable[[Output], Component | None]] = {
    "metrics": _metrics,
    "model_id": _model,
    "matrix": _matrix,
    "points": _residuals,
    "importances": _importances,
    "scores": _scores,
    "failures": _failures,
    "train_rows": _split,
    "rows_dropped": _dropped,
    "cluster_sizes": _clusters,
    "duplicate_rows": _duplicates,
}
