"""Registering callbacks: none without a role that its caller must have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from dash import ClientsideFunction, Dash, ctx
from dash.exceptions import PreventUpdate

from siprems_backend.dashboard.caller import require
from siprems_backend.utils.roles import Role

Function = Callable[..., Any]


class Callbacks:
    """What pages register their callbacks with.

    `roles` has the least role of each callback that runs here, by Dash's name of it.
    """

    def __init__(self, application: Dash) -> None:
        self.application = application
        self.roles: dict[str, Role] = {}

    def on(
        self, *dependencies: Any, role: Role = Role.VIEWER, press: bool = False, **options: Any
    ) -> Callable[[Function], Function]:
        """Register a callback as `dash.callback` does; callers below `role` are refused before it runs.

        With `press`, its first input is a press of something: Dash also calls when a button appears, and then
        nothing must happen.
        """

        def register(function: Function) -> Function:
            @wraps(function)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                require(role)
                if press and not args[0]:
                    raise PreventUpdate
                return function(*args, **kwargs)

            before = set(self.application.callback_map)
            self.application.callback(*dependencies, **options)(guarded)
            self.roles |= dict.fromkeys(set(self.application.callback_map) - before, role)
            return function

        return register

    @staticmethod
    def triggered() -> Any:
        """The id of the component whose input made this call."""
        return ctx.triggered_id

    @staticmethod
    def triggered_value() -> Any:
        """The value that made this call."""
        return ctx.triggered[0]["value"] if ctx.triggered else None

    def in_browser(self, name: str, *dependencies: Any, **options: Any) -> None:
        """Register a function of `assets/*.js`, from `dash_clientside.siprems`: pages carry no script."""
        self.application.clientside_callback(ClientsideFunction("siprems", name), *dependencies, **options)
