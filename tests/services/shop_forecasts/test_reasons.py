"""Sentences for people."""

from __future__ import annotations

import pytest

from siprems_backend.services import prediction_engines
from siprems_backend.services.shop_forecasts import reasons
from siprems_engine.forecasting.step import Step

CHOICE = "ask for auto, prophet or a trained model (xgboost, lightgbm, pytorch, tensorflow)"


def test_a_blend_names_its_large_parts_and_why() -> None:
    shares = {"smoother": 0.62, "tsb": 0.08, "regression": 0.3}
    assert reasons.of_blend(shares, 224, Step.DAY) == (
        "Blend of smoother (62 %) and regression (30 %): lowest error over 224 days of past forecasts, "
        "the shop's errors counted in."
    )
    assert reasons.of_blend({"tsb": 0.97, "smoother": 0.03}, 32, Step.WEEK).startswith(
        "Mostly tsb (97 %): lowest error over 32 weeks"
    )


def test_short_and_new_products_say_so() -> None:
    assert "only 5 days of past forecasts" in reasons.of_blend({"smoother": 1.0}, 5, Step.DAY)
    assert "too new to be compared" in reasons.of_blend({"smoother": 1.0}, 0, Step.DAY)
    assert reasons.of_blend({"xgboost": 1.0}, 224, Step.DAY) == "By xgboost alone, as it was asked for."
    assert reasons.of_blend({"smoother": 0.25, "new-product": 0.75}, 0, Step.DAY).startswith(
        "Blend of new-product (75 %) and smoother (25 %): too young to be judged by its own sales alone"
    )
    assert reasons.of_blend({"smoother": 0.0, "new-product": 1.0}, 0, Step.DAY).startswith(
        "It has not sold yet"
    )


@pytest.mark.parametrize(
    ("engine", "problem"),
    [
        ("auto", None),
        ("prophet", None),
        ("lightgbm", None),
        ("theta", f"'theta' is one of the engines behind 'auto' and is not served alone; {CHOICE}."),
        ("magic", f"There is no engine 'magic'; {CHOICE}."),
    ],
)
def test_engines_that_can_be_asked_for(engine: str, problem: str | None) -> None:
    assert prediction_engines.problem_with(engine) == problem
