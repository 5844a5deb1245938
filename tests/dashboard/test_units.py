"""Units as readers count them."""

from __future__ import annotations

import pytest
from flask import Flask

from siprems_backend.dashboard.language import counted
from siprems_backend.dashboard.language.choice import LANGUAGE_COOKIE


@pytest.mark.parametrize(
    ("language", "value", "unit", "words"),
    [
        ("en", 1, "piece", "1 piece"),
        ("en", 519, "piece", "519 pieces"),
        ("en", 0, "box", "0 boxes"),
        ("en", 2.5, "kg", "2.5 kg"),
        ("en", 12, "pcs", "12 pcs"),
        ("en", 2, "6-pack", "2 6-pack"),
        ("id", 1200, "piece", "1.200 piece"),
    ],
)
def test_in_english_words_have_a_plural(
    app: Flask, language: str, value: float, unit: str, words: str
) -> None:
    with app.test_request_context("/app/", headers={"Cookie": f"{LANGUAGE_COOKIE}={language}"}):
        assert counted(value, unit) == words
