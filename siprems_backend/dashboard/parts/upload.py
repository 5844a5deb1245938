"""Sending a file to the API, with a bar while it goes."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.parts.icons import icon

ENDINGS = ".csv,.gz,.parquet,.xlsx"


def upload_box(address: str, follow: str, hint: str, *, choice: str = "") -> Component:
    """A box to drop a file on, or to press and choose one; it is posted to `address` of the API.

    The answer's `task_id` is followed at the place `follow`. `choice` names a segmented control whose value
    stands in the address for `{choice}`.
    """
    return html.Div(
        [
            html.Button(
                [
                    icon("upload"),
                    html.Span(say("upload.choose"), className="upload-words"),
                    html.Span(hint, className="upload-hint"),
                ],
                className="upload-box",
                type="button",
                **{
                    "data-upload": address,
                    "data-follow": follow,
                    "data-choice": choice,
                    "data-accept": ENDINGS,
                    "data-sending": say("upload.sending"),
                    "data-failed": say("upload.failed"),
                },
            ),
            html.Div(dmc.Text("", size="sm"), className="upload-state", role="status"),
        ],
        className="upload",
    )
