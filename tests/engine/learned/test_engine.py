"""Learned models as engines of a shop, and as files."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile

import numpy as np
import pytest

from siprems_engine.forecasting.errors import CorruptModel, UnsupportedModel
from siprems_engine.forecasting.learned import LearnedModel, engine_of, load_model, train
from siprems_engine.forecasting.learned.features import LearnedFeatures
from siprems_engine.forecasting.learned.network import Network, Scaling, load_network
from siprems_engine.forecasting.learned.recipe import Unwatched
from siprems_engine.forecasting.shop import Panel, forecast_shop
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines.origin_fits import calibration
from siprems_engine.forecasting.shop.schedule import Schedule
from tests.engine.learned.shops import HORIZON, TYPES, grid_of, need, recipe_of, shop_of
from tests.engine.shop.panels import basis_of, random_panel


def trained(model_type: str, past: int = 200) -> tuple[LearnedModel, Panel]:
    """A model, and the panel that it was trained on."""
    grid = grid_of(5, past)
    made = train(shop_of(grid), recipe_of(need(model_type), epochs=6), 0, Unwatched())
    return made.model, grid.panel(past - 1, HORIZON)


@pytest.mark.parametrize("model_type", TYPES)
def test_a_model_forecasts_the_same_after_it_was_a_file(model_type: str) -> None:
    model, panel = trained(model_type)
    again = load_model(model.dump())
    assert again.recipe == model.recipe
    one, other = (
        forecast_shop(panel, [model_type], more={model_type: engine_of(model_type, each.fits)})
        for each in (model, again)
    )
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-6)
    assert one.engines == (model_type,)
    assert (np.diff(one.quantiles, axis=2) >= 0).all()
    assert (one.quantiles >= 0).all()
    assert (one.backtest.periods > 0).all()


def test_a_model_takes_part_in_the_blend() -> None:
    model, panel = trained("lightgbm")
    made = forecast_shop(panel, ["auto", "lightgbm"], more={"lightgbm": engine_of("lightgbm", model.fits)})
    shares = made.shares()
    assert shares["lightgbm"].max() > 0
    np.testing.assert_allclose(np.sum(list(shares.values()), axis=0), 1.0)


def test_a_model_forecasts_later_days_and_other_shops() -> None:
    model, _ = trained("xgboost")
    later = grid_of(9, 230, seed=4).panel(229, 21)
    made = forecast_shop(later, ["xgboost"], more={"xgboost": engine_of("xgboost", model.fits)})
    assert np.isfinite(made.mean).all()
    assert made.mean.shape == (9, 21)


def test_each_past_forecast_is_made_by_a_fit_that_knows_no_more() -> None:
    model, panel = trained("lightgbm")
    engine = engine_of("lightgbm", model.fits)(basis_of(panel))
    dates = {fit.until for fit in model.fits}
    assert panel.days[panel.last] in dates
    oldest = min(Schedule(panel).blocks[0])
    assert panel.days[oldest] in dates
    # Without a fit that old the base forecast is what is left.
    newest = [fit for fit in model.fits if fit.until == panel.days[panel.last]]
    young = engine_of("lightgbm", newest)(basis_of(panel))
    assert (engine.at(oldest)[0] != young.at(oldest)[0]).any()
    np.testing.assert_array_equal(engine.at(panel.last)[0], young.at(panel.last)[0])


def test_a_shop_before_all_fits_is_not_served_by_the_model() -> None:
    model, _ = trained("xgboost")
    early = grid_of(5, 120).panel(119, HORIZON)
    assert engine_of("xgboost", model.fits)(basis_of(early)).versions == ()
    made = forecast_shop(early, ["xgboost"], more={"xgboost": engine_of("xgboost", model.fits)})
    assert "xgboost" not in made.engines


@pytest.mark.parametrize("seed", range(4))
def test_columns_are_the_same_in_all_shops_and_finite(seed: int) -> None:
    wanted = LearnedFeatures(basis_of(random_panel(99, 3)))
    wanted.at(np.arange(3), basis_of(random_panel(99, 3)).panel.last)
    panel = random_panel(seed, 5, 150)
    if seed % 2:
        panel = dataclasses.replace(panel, promo=np.zeros_like(panel.promo))
    if seed > 1:
        price = np.full(panel.units.shape, np.nan)
        price[:, 3::9] = 2.5
        price[0, 5], price[1, 6], price[2] = 0.0, -1.0, np.nan
        panel = dataclasses.replace(panel, price=price)
    features = LearnedFeatures(basis_of(panel))
    for origin in Schedule(panel).judged:
        base, columns = features.at(np.arange(5), origin)
        assert np.isfinite(columns).all()
        assert base.shape == columns.shape[:2]
        assert features.groups == wanted.groups


def test_no_column_knows_what_sold_after_the_origin() -> None:
    panel = random_panel(7, 6, 150)
    price = np.random.default_rng(1).uniform(1.0, 3.0, panel.units.shape)
    origin = Schedule(panel).judged[3]
    later, prices = panel.units.copy(), price.copy()
    later[:, origin + 1 :], prices[:, origin + 1 :] = 50.0, 9.0
    one = dataclasses.replace(panel, price=price)
    other = dataclasses.replace(panel, units=later, price=prices)
    made = []
    for each in (one, other):
        # Effects and sizes are of the whole past, as in all engines; everything else must be of before.
        basis = Basis(each, Schedule(each))
        object.__setattr__(basis, "effects", basis_of(panel).effects)
        features = LearnedFeatures(basis)
        features.size = np.ones(6)
        features.size_class = np.zeros(6, dtype=int)
        made.append(features.at(np.arange(6), origin)[1])
    np.testing.assert_array_equal(made[0], made[1])


@pytest.mark.parametrize(
    ("factor", "shift"), [(1.0, 0.0), (1.2, 0.6 * np.log(1.2)), (9.0, 0.6 * np.log(1.4))]
)
def test_forecasts_are_drawn_to_the_sum_of_what_sold(factor: float, shift: float) -> None:
    random = np.random.default_rng(5)
    made, importance = random.uniform(0.1, 3.0, 40), random.uniform(0.2, 1.0, 40)
    assert calibration(factor * made, made, importance) == pytest.approx(shift)


def network() -> Network:
    random = np.random.default_rng(3)
    sizes = [(4, 3), (3, 1)]
    layers = [(random.normal(size=size).astype("f4"), np.zeros(size[1], "f4")) for size in sizes]
    return Network(Scaling.of(random.normal(size=(20, 4)).astype("f4")), layers)


def test_a_network_is_computed_layer_by_layer() -> None:
    made, columns = network(), np.random.default_rng(4).normal(size=(7, 4)).astype("f4")
    for row, value in zip(columns, made.exponent(columns), strict=True):
        inner = (row - made.scaling.centre) / made.scaling.scale
        hidden = [max(0.0, sum(inner[i] * made.layers[0][0][i, j] for i in range(4))) for j in range(3)]
        end = sum(hidden[j] * made.layers[1][0][j, 0] for j in range(3))
        assert value == pytest.approx(1.5 * np.tanh(end / 1.5), rel=1e-4)


@pytest.mark.parametrize("model_type", ["pytorch", "tensorflow"])
def test_a_framework_computes_what_the_arrays_do(model_type: str) -> None:
    """Columns that do not vary, and values far beyond those learned from, among them."""
    need(model_type)
    model, panel = trained(model_type)
    fitted = model.fits[0].fitted
    assert isinstance(fitted, Network)
    columns = LearnedFeatures(basis_of(panel)).at(np.arange(5), panel.last)[1].reshape(-1, model.columns)
    columns[0] = 1e6
    made = fitted.exponent(columns)
    assert np.isfinite(made).all()
    assert (np.abs(made) <= 1.5).all()


def archive_of(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip",
        archive_of(),
        archive_of(model__json=b"{"),
        archive_of(model__json=b"[]"),
        archive_of(model__json=b"{}"),
    ],
)
def test_other_files_are_no_models(data: bytes) -> None:
    with pytest.raises(CorruptModel):
        load_model(data)


def test_models_of_other_versions_are_told_apart() -> None:
    model, _ = trained("xgboost")
    with zipfile.ZipFile(io.BytesIO(model.dump())) as archive:
        described = json.loads(archive.read("model.json"))
    described["columns_version"] = 0
    with pytest.raises(UnsupportedModel, match="train it again"):
        load_model(archive_of(model__json=json.dumps(described).encode()))


def test_broken_fits_are_noticed() -> None:
    for model_type in ("xgboost", "lightgbm"):
        model, _ = trained(model_type)
        with zipfile.ZipFile(io.BytesIO(model.dump())) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        name = next(name for name in files if name != "model.json")
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for each, content in files.items():
                archive.writestr(each, b"broken" if each == name else content)
        with pytest.raises(CorruptModel):
            load_model(data.getvalue())


@pytest.mark.parametrize("change", ["pickled", "shape", "nan", "none", "text"])
def test_networks_that_are_none_are_noticed(change: str) -> None:
    made = network()
    weights, bias = made.layers[0]
    arrays = {
        "pickled": {"weights0": np.array([{}], dtype=object)},
        "shape": {"weights0": weights[:2]},
        "nan": {"bias0": bias * np.nan},
        "none": {},
        "text": None,
    }[change]
    if arrays is None:
        data = b"text"
    else:
        buffer = io.BytesIO()
        whole = {
            "centre": made.scaling.centre,
            "scale": made.scaling.scale,
            "weights0": weights,
            "bias0": bias,
        }
        np.savez(buffer, **({**whole, **arrays} if arrays else {}))
        data = buffer.getvalue()
    with pytest.raises(CorruptModel):
        load_network(data)
