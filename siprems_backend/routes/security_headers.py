"""Headers that tell browsers to trust as little as possible."""

from __future__ import annotations

from flask import Flask, Response, request
from secure import ContentSecurityPolicy, ReferrerPolicy, Secure, XContentTypeOptions, XFrameOptions

# Swagger UI sets styles from its script; scripts come from our own origin only.
POLICY = (
    ContentSecurityPolicy()
    .default_src("'self'")
    .img_src("'self'", "data:")
    .style_src("'self'", "'unsafe-inline'")
    .object_src("'none'")
    .frame_ancestors("'none'")
    .base_uri("'self'")
)
HEADERS = Secure(
    csp=POLICY,
    xcto=XContentTypeOptions().nosniff(),
    xfo=XFrameOptions().deny(),
    referrer=ReferrerPolicy().no_referrer(),
).headers


def register_security_headers(app: Flask) -> None:
    """Add the headers to every response; answers to signed-in clients are not cached."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/docs"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
