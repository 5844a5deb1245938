"""Flask extensions, unbound."""

from __future__ import annotations

import marshmallow as ma
from flask_cors import CORS
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_smorest import Api


class ErrorDetailSchema(ma.Schema):
    """What went wrong, for programs."""

    code = ma.fields.String(required=True, metadata={"description": "Stable code to branch on"})
    message = ma.fields.String(required=True, metadata={"description": "One sentence for a person"})
    fields = ma.fields.Dict(metadata={"description": "Problems by field"})


class ErrorSchema(ma.Schema):
    """The one shape of every error."""

    error = ma.fields.Nested(ErrorDetailSchema, required=True)
    message = ma.fields.String(required=True)


class DocumentedApi(Api):
    """flask-smorest's documentation without its error handlers: ours map every error in one place."""

    ERROR_SCHEMA = ErrorSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `routes.error_handlers`."""

    def describe_security(self) -> None:
        """Say in the document how a client authenticates."""
        self.spec.components.security_scheme(
            "token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        )
        self.spec.components.security_scheme(
            "apiKey", {"type": "apiKey", "in": "header", "name": "X-API-Key"}
        )
        self.spec.options["security"] = [{"token": []}, {"apiKey": []}]


api = DocumentedApi()
jwt = JWTManager()
cors = CORS()
limiter = Limiter(key_func=get_remote_address)
