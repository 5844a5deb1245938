"""Gradient-boosted trees by XGBoost (Chen and Guestrin 2016), kept in its own binary JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from siprems_engine.forecasting.errors import CorruptModel
from siprems_engine.forecasting.learned.loss import Best, deviance
from siprems_engine.forecasting.learned.recipe import Recipe, Sample, Watch
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.poisson import Singles

FIXED = {"objective": "count:poisson", "tree_method": "hist", "max_bin": 64, "nthread": 1, "verbosity": 0}


class XgboostFit:
    """A booster of so many columns."""

    def __init__(self, booster: Any) -> None:
        self._booster = booster

    def exponent(self, columns: Singles) -> Floats:
        """Return the margins."""
        return np.asarray(self._booster.inplace_predict(columns, predict_type="margin"), dtype=np.float64)

    def dump(self) -> bytes:
        """Return it in XGBoost's universal binary JSON."""
        return bytes(self._booster.save_raw("ubj"))

    def importances(self) -> Floats | None:
        """Return the gain of the splits on each column."""
        gains = self._booster.get_score(importance_type="total_gain")
        return np.array([gains.get(f"f{place}", 0.0) for place in range(self._booster.num_features())])


class Xgboost:
    """Learns a ratio with the base forecast as its weight: a count with the base forecast as its exposure."""

    suffix, package = "ubj", "xgboost"

    def fit(
        self, sample: Sample, check: Sample | None, recipe: Recipe, watch: Watch
    ) -> tuple[XgboostFit, int]:
        """Boost for as many rounds as pay."""
        # Only workers have it.
        import xgboost

        rows = _matrix(sample)
        held = None if check is None else _matrix(check, rows)
        known = [rows] if held is None else [rows, held]
        best, booster = Best(recipe.patience), xgboost.Booster({**FIXED, **_named(recipe)}, known)
        for number in range(1, recipe.epochs + 1):
            booster.update(rows, number - 1)
            checked = None if check is None else _loss(booster, held, check)
            watch.round(number, _loss(booster, rows, sample), checked)
            if checked is not None:
                best.improves(number, checked)
                if best.is_over(number):
                    break
        rounds = best.round or recipe.epochs
        return XgboostFit(booster[:rounds]), rounds

    def load(self, data: bytes) -> XgboostFit:
        """Read a booster."""
        import xgboost

        booster = xgboost.Booster({"nthread": 1})
        try:
            booster.load_model(bytearray(data))
        except xgboost.core.XGBoostError as error:
            raise CorruptModel("The file is no model of XGBoost.") from error
        return XgboostFit(booster)


def _matrix(sample: Sample, like: Any = None) -> Any:
    import xgboost

    ratio, weight = sample.units / sample.base, sample.weight * sample.base
    bins = FIXED["max_bin"]
    return xgboost.QuantileDMatrix(sample.columns, ratio, weight=weight, nthread=1, max_bin=bins, ref=like)


def _loss(booster: Any, rows: Any, sample: Sample) -> float:
    """Our deviance; the booster keeps its predictions of rows that it knows from round to round."""
    return deviance(sample, np.exp(booster.predict(rows, output_margin=True).astype(np.float64)))


def _named(recipe: Recipe) -> dict[str, Any]:
    """The hyperparameters in the words of XGBoost."""
    options = recipe.options
    return {
        "learning_rate": options["learning_rate"],
        "max_depth": options["max_depth"],
        "min_child_weight": options["min_child_weight"],
        "subsample": options["subsample"],
        "colsample_bytree": options["colsample"],
        "reg_lambda": options["l2"],
        "seed": recipe.seed,
        "base_score": 1.0,
    }
