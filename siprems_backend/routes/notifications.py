"""What the caller wants to hear of by e-mail."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.schemas.notifications import EmailChoice, EmailSchema
from siprems_backend.services.notifications import preferences
from siprems_backend.utils.roles import Role

PREFIX = "/notifications"
blueprint = Blueprint("notifications", __name__, description="E-mails when tasks have ended")
protect(blueprint, Role.ANALYST)


@blueprint.get("/email")
@blueprint.response(200, EmailSchema)
def get_email_choice() -> Any:
    """What the caller is told of by e-mail."""
    return preferences.get(current_principal())


@blueprint.put("/email")
@blueprint.arguments(EmailChoice)
@blueprint.response(200, EmailSchema)
@blueprint.alt_response(409, schema=ErrorSchema, description="There is no mail server (`email_unavailable`)")
def choose_email(body: dict[str, Any]) -> Any:
    """Choose what to be told of by e-mail, at the account's own address; no events switch it off."""
    return preferences.put(current_principal(), **body)
