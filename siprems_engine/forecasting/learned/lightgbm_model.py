"""Gradient-boosted trees by LightGBM (Ke et al. 2017), kept in its own text format."""

from __future__ import annotations

from typing import Any

import numpy as np

from siprems_engine.forecasting.errors import CorruptModel
from siprems_engine.forecasting.learned.loss import Best, deviance
from siprems_engine.forecasting.learned.recipe import Recipe, Sample, Watch
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.poisson import Singles

# One thread and fixed seeds: the same sales give the same model on every machine.
FIXED = {
    "objective": "poisson",
    "min_sum_hessian_in_leaf": 20.0,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class LightgbmFit:
    """A booster of so many columns."""

    def __init__(self, booster: Any) -> None:
        self._booster = booster

    def exponent(self, columns: Singles) -> Floats:
        """Return the raw scores."""
        return np.asarray(self._booster.predict(columns, raw_score=True, num_threads=1), dtype=np.float64)

    def dump(self) -> bytes:
        """Return it in LightGBM's text format."""
        return str(self._booster.model_to_string()).encode()

    def importances(self) -> Floats | None:
        """Return the gain of the splits on each column."""
        return np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)


class Lightgbm:
    """Learns a ratio with the base forecast as its weight: a count with the base forecast as its exposure."""

    suffix, package = "txt", "lightgbm"

    def fit(
        self, sample: Sample, check: Sample | None, recipe: Recipe, watch: Watch
    ) -> tuple[LightgbmFit, int]:
        """Boost for as many rounds as pay."""
        # Only workers have it.
        import lightgbm

        parameters = {**FIXED, **_named(recipe)}
        ratio, weight = sample.units / sample.base, sample.weight * sample.base
        data = lightgbm.Dataset(sample.columns, ratio, weight=weight, params=parameters, free_raw_data=False)
        booster, best = lightgbm.Booster(parameters, data), Best(recipe.patience)
        if check is not None:
            held = (check.units / check.base, check.weight * check.base)
            valid = data.create_valid(check.columns, held[0], weight=held[1], params=parameters)
            booster.add_valid(valid, "check")
        for number in range(1, recipe.epochs + 1):
            # No split paid any more.
            if booster.update():
                break
            loss = _loss(booster.eval_train, sample)
            checked = None if check is None else _loss(booster.eval_valid, check)
            watch.round(number, loss, checked)
            if checked is not None:
                best.improves(number, checked)
                if best.is_over(number):
                    break
        rounds = best.round or booster.current_iteration()
        return self.load(booster.model_to_string(num_iteration=rounds).encode()), rounds

    def load(self, data: bytes) -> LightgbmFit:
        """Read a booster."""
        import lightgbm

        try:
            return LightgbmFit(lightgbm.Booster(model_str=data.decode()))
        except (lightgbm.basic.LightGBMError, UnicodeDecodeError) as error:
            raise CorruptModel("The file is no model of LightGBM.") from error


def _loss(evaluate: Any, sample: Sample) -> float:
    """Our deviance; the booster keeps its predictions of the rows from round to round."""

    def measured(made: Floats, _data: Any) -> tuple[str, float, bool]:
        return "deviance", deviance(sample, np.asarray(made)), False

    return float(next(row[2] for row in evaluate(measured) if row[1] == "deviance"))


def _named(recipe: Recipe) -> dict[str, Any]:
    """The hyperparameters in the words of LightGBM."""
    options = recipe.options
    return {
        "learning_rate": options["learning_rate"],
        "num_leaves": options["num_leaves"],
        "min_data_in_leaf": options["min_data_in_leaf"],
        "bagging_fraction": options["subsample"],
        "feature_fraction": options["colsample"],
        "lambda_l2": options["l2"],
        "seed": recipe.seed,
    }
