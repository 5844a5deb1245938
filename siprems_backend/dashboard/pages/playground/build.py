"""Building a pipeline: steps, the form of one, a picture, and the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.playground import draft as drafts
from siprems_backend.dashboard.pages.playground import run, step_form, steps, templates
from siprems_backend.dashboard.pages.playground.draft import DRAFT, OPENED, PRESS
from siprems_backend.dashboard.pages.playground.words import category_name, node_title, problems_by_place
from siprems_backend.dashboard.parts.actions import does, pressed
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.errors import Invalid
from siprems_backend.services import pipelines
from siprems_backend.services.pipelines import catalogue
from siprems_backend.services.pipelines.column_hints import column_hints
from siprems_backend.utils.roles import Role


def layout(task_id: str | None) -> Component:
    """The builder, empty until the browser has said what was built, and the run that is followed."""
    pipeline = section(
        say("playground.pipeline"),
        html.Div(className="build-steps", id="build-steps"),
        _add(),
        action=dmc.Button(
            say("playground.clear"),
            variant="subtle",
            color="gray",
            size="compact-sm",
            **does(PRESS, "clear:"),
        ),
        lead=say("playground.pipeline_lead"),
    )
    form = section(say("playground.settings"), html.Div(id="build-form", className="build-form"))
    form.className += " beside"
    return html.Div(
        [
            _toolbar(),
            dmc.Grid(
                [
                    dmc.GridCol(pipeline, span={"base": 12, "md": 6, "xl": 5}),
                    dmc.GridCol(form, span={"base": 12, "md": 6, "xl": 7}),
                ],
                gutter="md",
            ),
            html.Div(id="build-graph"),
            run.layout(task_id),
            dcc.Store(id="build-form-of"),
        ],
        className="stack",
    )


def _toolbar() -> Component:
    name = dmc.TextInput(
        id="pipeline-name",
        label=say("playground.name"),
        placeholder=say("playground.name_example"),
        debounce=True,
    )
    buttons = [
        dmc.Button(say("playground.run"), id="pipeline-run", leftSection=icon("play")),
        dmc.Button(say("playground.save"), id="pipeline-save", variant="default"),
    ]
    return dmc.Paper(
        dmc.Group(
            [
                html.Div(name, className="pipeline-name"),
                html.Div(id="pipeline-workflow"),
                dmc.Group(buttons, gap="xs"),
            ],
            align="flex-end",
            gap="md",
        ),
        className="section toolbar",
    )


def _add() -> Component:
    groups: dict[str, list[dict[str, str]]] = {}
    for node in catalogue.by_type().values():
        entry = {"value": node["node_type"], "label": node_title(node["node_type"])}
        groups.setdefault(node["category"], []).append(entry)
    data = [{"group": category_name(name), "items": groups[name]} for name in ORDER if name in groups]
    return dmc.Select(
        id="step-add",
        data=data,
        placeholder=say("playground.add"),
        searchable=True,
        leftSection=icon("plus"),
        nothingFoundMessage=say("form.nothing_found"),
        maxDropdownHeight=340,
        comboboxProps={"shadow": "md"},
        **{"aria-label": say("playground.add")},
    )


# As rows go through them.
ORDER = (
    "source", "checks", "combine", "missing values", "encoding", "transform", "scaling", "features", "split",
    "model", "evaluate", "output",
)  # fmt: skip


def _templates() -> Component:
    cards = [
        html.Button(
            [
                dmc.ThemeIcon(icon(templates.PICTURES[name]), size=34, radius="md", variant="light"),
                html.Span(
                    [
                        html.Strong(say(f"playground.template.{name}.title")),
                        html.Span(say(f"playground.template.{name}.about")),
                    ]
                ),
            ],
            type="button",
            className="template",
            **does("template", name),
        )
        for name in templates.TEMPLATES
    ]
    return html.Div([dmc.Text(say("playground.begin"), size="sm", c="dimmed"), *cards], className="templates")


def problems_of(body: Mapping[str, Any]) -> tuple[dict[int, list[str]], str | None]:
    """What is wrong with each step; and what is wrong with the whole, if no step is named."""
    try:
        pipelines.check(body, caller())
    except Invalid as error:
        found = problems_by_place(error.fields)
        return found, None if found else error.message
    return {}, None


def register(callbacks: Callbacks) -> None:
    """Drawing what the browser keeps; changing it happens there."""

    @callbacks.on(
        Output("build-steps", "children"),
        Output("build-form", "children"),
        Output("build-form-of", "data"),
        Output("build-graph", "children"),
        Output("pipeline-workflow", "children"),
        Output("pipeline-name", "value"),
        Output("pipeline-save", "children"),
        Input(DRAFT, "modified_timestamp"),
        State(DRAFT, "data"),
        State("build-form-of", "data"),
        State("pipeline-name", "value"),
        role=Role.ANALYST,
    )
    def draw(_when: int | None, draft: Any, drawn: Any, name: str | None) -> Any:
        nodes, chosen = drafts.nodes_of(draft), drafts.selected_of(draft)
        workflow, wanted = drafts.workflow_of(draft), drafts.name_of(draft)
        # Before the browser has said what it keeps, an empty name would be taken for one that was typed.
        named = no_update if draft is None or (name or "").strip() == wanted else wanted
        save = say("playground.save_version" if workflow else "playground.save")
        note = _of_workflow(workflow)
        if not nodes:
            return _templates(), step_form.nothing_chosen(), "none", None, note, named, save
        problems, whole = problems_of(drafts.body_of(draft))
        listed = [
            dmc.Alert(whole, color="red", mb="sm") if whole else None,
            steps.steps(nodes, chosen, problems, step_form.dataset_names()),
        ]
        form, form_of = _form(draft, nodes, chosen, drawn)
        return listed, form, form_of, _graph(nodes), note, named, save

    @callbacks.on(
        Output(OPENED, "data", allow_duplicate=True),
        pressed("template"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def begin(press: Mapping[str, str]) -> Any:
        name = press["value"]
        if name not in templates.TEMPLATES:
            return no_update
        return drafts.opened(say(f"playground.template.{name}.title"), templates.TEMPLATES[name]())

    _register_changes(callbacks)


def _register_changes(callbacks: Callbacks) -> None:
    """What happens in the browser: see `assets/pipeline.js`."""
    draft, again = State(DRAFT, "data"), {"allow_duplicate": True}
    later = {"prevent_initial_call": True}
    callbacks.in_browser("pipeline_opened", Output(DRAFT, "data"), Input(OPENED, "data"))
    callbacks.in_browser("pipeline_press", Output(DRAFT, "data", **again), pressed(PRESS), draft, **later)
    callbacks.in_browser(
        "pipeline_add",
        Output(DRAFT, "data", **again),
        Output("step-add", "value"),
        Input("step-add", "value"),
        draft,
        **later,
    )
    callbacks.in_browser(
        "pipeline_named", Output(DRAFT, "data", **again), Input("pipeline-name", "value"), draft, **later
    )
    field = {"form": step_form.FORM, "key": ALL, "name": ALL, "kind": ALL}
    callbacks.in_browser(
        "pipeline_field",
        Output(DRAFT, "data", **again),
        Input(field, "value"),
        Input(field, "checked"),
        draft,
        **later,
    )


def _form(draft: Any, nodes: Sequence[drafts.Node], chosen: int | None, drawn: Any) -> tuple[Any, Any]:
    """The form, unless it stands there already: whoever types in it must not lose their place."""
    if chosen is None:
        return step_form.nothing_chosen(), "none"
    columns = column_hints(drafts.pipeline_of(draft), caller())[chosen]
    form_of = [nodes[chosen]["key"], chosen, columns]
    if form_of == drawn:
        return no_update, no_update
    return step_form.form(chosen, nodes[chosen], columns), form_of


def _graph(nodes: Sequence[drafts.Node]) -> Component:
    return section(say("playground.graph.title"), steps.graph(nodes))


def _of_workflow(workflow: Mapping[str, Any] | None) -> Component | None:
    if workflow is None:
        return None
    return dmc.Badge(say("playground.of_workflow", version=str(workflow["version"])), color="blue", size="lg")
