"""Calling callbacks as a browser does."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from siprems_backend.dashboard.application import EXTENSION
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.routes import session_cookies
from siprems_backend.utils.roles import Role
from tests import factories

UPDATE = "/app/_dash-update-component"


def callbacks_of(app: Flask) -> Callbacks:
    """What the pages registered."""
    found: Callbacks = app.extensions[EXTENSION]
    return found


def browser(app: Flask, role: Role) -> FlaskClient:
    """A browser signed in as a new user of this role, whose requests come from our own pages."""
    signed_in = factories.signed_in_client(app, role)
    token = signed_in.environ_base.pop("HTTP_AUTHORIZATION").removeprefix("Bearer ")
    signed_in.set_cookie(session_cookies.ACCESS, token)
    with app.test_request_context(headers={"Cookie": f"{session_cookies.ACCESS}={token}"}):
        from siprems_backend.routes.tokens import _cookie_claims

        claims = _cookie_claims(token, app.config["JWT_SECRET_KEY"])
        proof = session_cookies.proof(claims["fam"])
    signed_in.environ_base["HTTP_X_CSRFTOKEN"] = proof
    return signed_in


def call(app: Flask, client: FlaskClient, output: str, given: dict[str, Any]) -> Any:
    """The response to a call of the callback with this output; `given` are values by `id.property`."""
    return client.post(UPDATE, json=body_of(app, output, given))


def body_of(app: Flask, output: str, given: dict[str, Any]) -> dict[str, Any]:
    """The request of a callback, as Dash's renderer writes it."""
    entry = next(each for each in callbacks_of(app).application._callback_list if each["output"] == output)
    inputs = [_filled(each, given) for each in entry["inputs"]]
    names = output.strip(".").split("...") if output.startswith("..") else [output]
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": inputs,
        "state": [_filled(each, given) for each in entry["state"]],
        "changedPropIds": [f"{inputs[0]['id']}.{inputs[0]['property']}"],
    }


def _filled(dependency: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    name = f"{dependency['id']}.{dependency['property']}"
    return {"id": dependency["id"], "property": dependency["property"], "value": given.get(name)}
