"""Training learned models on small shops whose truth is known."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from siprems_engine.forecasting.errors import NotEnoughData
from siprems_engine.forecasting.learned import compare, curve, load_model, train
from siprems_engine.forecasting.learned.judging import Shop
from siprems_engine.forecasting.learned.recipe import Unwatched
from siprems_engine.forecasting.step import Step
from tests.engine.learned.shops import TYPES, grid_of, need, recipe_of, shop_of


class Listening(Unwatched):
    """Writes down what a training says."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, float, float]] = []
        self.rounds: list[tuple[int, float, float | None]] = []
        self.ticks = 0

    def begin(self, title: str, start: float, end: float, rounds: int) -> None:
        self.stages.append((title, start, end))

    def tick(self) -> None:
        self.ticks += 1

    def round(self, number: int, loss: float, validation_loss: float | None) -> None:
        self.rounds.append((number, loss, validation_loss))


@pytest.mark.parametrize("model_type", TYPES)
def test_a_training_tells_how_good_the_model_is_and_what_it_learned(model_type: str) -> None:
    heard = Listening()
    made = train(shop_of(grid_of()), recipe_of(need(model_type)), 2, heard, ["auto", "seasonal-naive"])
    assert [stage[0] for stage in heard.stages] == [
        "Training", "Backtest 1 of 2", "Backtest 2 of 2", "Final model",
    ]  # fmt: skip
    assert [stage[1] for stage in heard.stages[1:]] == [stage[2] for stage in heard.stages[:-1]]
    assert heard.stages[-1][2] == 1.0
    assert heard.ticks > 0
    searched = made.searched
    assert searched is not None
    first, best = searched.validation_losses[0], searched.validation_losses[searched.rounds - 1]
    assert best == searched.validation_losses.min() < first
    assert made.model.recipe.epochs == searched.rounds
    assert made.test is not None
    assert 0.5 < made.test.r2 < 1.0
    assert made.train.rmse > 0
    assert set(made.scores) == {model_type, f"auto+{model_type}", "auto", "seasonal-naive"}
    assert made.scores[model_type].wape < made.scores["seasonal-naive"].wape
    assert len(made.cutoffs) == 2
    assert made.gain is not None
    assert made.importances
    assert sum(made.importances.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("model_type", TYPES)
def test_the_same_sales_and_seed_give_the_same_model(model_type: str) -> None:
    recipe = recipe_of(need(model_type), epochs=4)
    one, other = (train(shop_of(grid_of(4, 160)), recipe, 0, Unwatched()) for _ in range(2))
    assert one.model.dump() == other.model.dump()


def test_only_a_seed_changes_what_is_random() -> None:
    recipe = recipe_of("xgboost", epochs=8)
    shop = shop_of(grid_of(4, 160))
    one = train(shop, recipe, 0, Unwatched())
    other = train(shop, dataclasses.replace(recipe, seed=2), 0, Unwatched())
    assert one.model.dump() != other.model.dump()


def test_no_figure_knows_what_sold_after_its_cut_off() -> None:
    grid = grid_of(4, 200)
    later = grid.units.copy()
    later[:, -14:] = 0.0
    shop = shop_of(grid)
    scrambled = Shop(dataclasses.replace(grid, units=later), shop.last, shop.horizon)
    recipe = recipe_of("lightgbm", epochs=10)
    one, other = (train(each, recipe, 2, Unwatched(), []) for each in (shop, scrambled))
    assert one.searched is not None
    assert other.searched is not None
    np.testing.assert_array_equal(one.searched.validation_losses, other.searched.validation_losses)
    # Fits of the same date know the same, whatever sold later, but for effects of the whole past.
    assert one.model.fits[0].until == other.model.fits[0].until
    assert one.final_loss != other.final_loss


@pytest.mark.parametrize("model_type", ["xgboost", "pytorch"])
def test_a_planted_effect_of_prices_is_found(model_type: str) -> None:
    need(model_type)
    grid = grid_of(10, 300, price=True)
    priced = train(shop_of(grid), recipe_of(model_type), 0, Unwatched())
    unpriced = train(shop_of(dataclasses.replace(grid, price=None)), recipe_of(model_type), 0, Unwatched())
    assert priced.train.rmse < 0.98 * unpriced.train.rmse
    assert priced.importances["price"] > 0.02
    assert unpriced.importances.get("price", 0.0) == 0.0


def test_planted_promotions_and_weekdays_are_found() -> None:
    made = train(shop_of(grid_of(8, 300)), recipe_of("lightgbm"), 2, Unwatched(), ["window-average"])
    # Both are unknown to the average of eight weeks, and most of what varies.
    assert made.scores["lightgbm"].wape < 0.6 * made.scores["window-average"].wape


def test_a_shop_too_young_for_a_backtest_is_learned_all_the_same() -> None:
    made = train(shop_of(grid_of(6, 110)), recipe_of("xgboost", epochs=5), 3, Unwatched())
    assert made.test is None
    assert made.scores == {}
    assert made.gain is None


def test_a_shop_without_a_past_cannot_be_learned() -> None:
    with pytest.raises(NotEnoughData, match="long enough"):
        train(shop_of(grid_of(6, 40)), recipe_of("xgboost", epochs=5), 3, Unwatched())


@pytest.mark.parametrize("products", [1, 2])
def test_a_shop_of_one_product_is_learned(products: int) -> None:
    made = train(shop_of(grid_of(products, 200)), recipe_of("xgboost", epochs=5), 1, Unwatched(), [])
    assert made.test is not None
    assert np.isfinite(made.test.rmse)


def test_weekly_shops_are_learned() -> None:
    made = train(
        shop_of(grid_of(6, 120, step=Step.WEEK), 4), recipe_of("lightgbm", epochs=5), 1, Unwatched(), []
    )
    assert made.model.step is Step.WEEK
    assert load_model(made.model.dump()).step is Step.WEEK


def test_products_that_hardly_ever_sell_and_new_ones_do_no_harm() -> None:
    grid = grid_of(6, 200)
    units = grid.units.copy()
    units[0] = 0.0
    units[0, ::40] = 1.0
    units[1, :-3] = np.nan
    units[2] = np.nan
    made = train(
        shop_of(dataclasses.replace(grid, units=units)), recipe_of("xgboost", epochs=5), 0, Unwatched()
    )
    assert np.isfinite(made.train.rmse)


def test_engines_are_compared_at_the_same_cut_offs() -> None:
    shop = shop_of(grid_of(3, 160))
    judged = compare(shop, 1, Unwatched(), ["prophet", "auto"])
    assert set(judged.scores) == set(judged.qualities) == {"prophet", "auto"}
    made = train(shop, recipe_of("lightgbm", epochs=3), 1, Unwatched(), [])
    assert judged.cutoffs == made.cutoffs


def test_a_curve_keeps_the_best_and_the_last_round() -> None:
    made = train(shop_of(grid_of(4, 160)), recipe_of("xgboost", epochs=30), 0, Unwatched())
    assert made.searched is not None
    points = curve(made.searched, 10)
    assert len(points["epoch"]) <= 11
    assert {made.searched.rounds, len(made.searched.losses)} <= set(points["epoch"])
    assert json.loads(json.dumps(points)) == points


class Stopping(Unwatched):
    """Wants to end it at the third call."""

    def __init__(self) -> None:
        self.calls = 0

    def tick(self) -> None:
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt

    def round(self, number: int, loss: float, validation_loss: float | None) -> None:
        self.tick()


@pytest.mark.parametrize("model_type", TYPES)
def test_a_training_can_be_ended_at_any_round(model_type: str) -> None:
    watch = Stopping()
    with pytest.raises(KeyboardInterrupt):
        train(shop_of(grid_of(3, 160)), recipe_of(need(model_type)), 1, watch)
    assert watch.calls == 3
