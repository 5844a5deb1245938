"""The learned models that were kept."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Output, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import amount, moment, percent, say, size
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.problems import notify
from siprems_backend.services.learned_models import repository
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOWN = 30


def layout() -> Component:
    """All versions, the newest first, with what can be done with each."""
    stores = [store("activate-model"), store("remove-learned")]
    found = repository.listing(None, PageRequest(1, SHOWN)).items
    if not found:
        return html.Div(
            [empty("brain", say("training.versions.none"), say("training.versions.none_advice")), *stores]
        )
    names = ("model", "products", "wape", "size", "trained", "state")
    heads = [say(f"training.versions.{name}") for name in names]
    actions = html.Span(say("playground.actions"), className="unseen")
    rows = [_row(version) for version in found]
    return html.Div(
        [
            section(
                say("training.versions.title"),
                table([*heads, actions], rows, right={1, 2, 3}, less={1, 3, 4}),
                lead=say("training.versions.lead"),
            ),
            *stores,
        ]
    )


def _row(version: Any) -> list[Any]:
    name = f"{say(f'training.type.{version.model_type}.title')} {amount(version.version)}"
    backtest = (version.report.get("metrics") or {}).get("backtest") or {}
    return [
        dmc.Text(name, size="sm", fw=550),
        amount(version.products),
        percent(backtest.get("wape"), 1),
        size(version.size_bytes),
        moment(version.trained_at),
        dmc.Badge(say("training.versions.active")) if version.is_active else _activate(version, name),
        dmc.Group(_buttons(version, name), gap=4, wrap="nowrap", justify="flex-end"),
    ]


def _activate(version: Any, name: str) -> Component:
    return dmc.Button(
        say("training.versions.activate"),
        size="compact-sm",
        variant="default",
        **{"aria-label": f"{say('training.versions.activate')}: {name}"},
        **does("activate-model", version.id),
    )


def _buttons(version: Any, name: str) -> list[Component]:
    download = say("training.versions.download", name=name)
    buttons: list[Component] = [
        html.A(
            icon("download"),
            href=f"/api/v1/train/models/{version.id}/file",
            className="icon-link",
            title=download,
            **{"aria-label": download},
        )
    ]
    if may(Role.OPERATOR):
        remove = say("training.versions.remove", name=name)
        buttons.append(
            dmc.ActionIcon(
                icon("trash"),
                variant="subtle",
                color="gray",
                **{"aria-label": remove},
                **does("remove-learned", version.id, confirm=f"{remove}?"),
            )
        )
    return buttons


def register(callbacks: Callbacks) -> None:
    """Activating and removing."""

    @callbacks.on(
        Output("training-versions", "children", allow_duplicate=True),
        pressed("activate-model"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def activate(press: dict[str, str]) -> Any:
        version = repository.activate(int(press["value"]), caller())
        name = say(f"training.type.{version.model_type}.title")
        notify(say("training.versions.activated", name=f"{name} {amount(version.version)}"))
        return layout()

    @callbacks.on(
        Output("training-versions", "children", allow_duplicate=True),
        pressed("remove-learned"),
        role=Role.OPERATOR,
        press=True,
        prevent_initial_call=True,
    )
    def remove(press: dict[str, str]) -> Any:
        repository.remove(int(press["value"]), caller())
        return layout()
