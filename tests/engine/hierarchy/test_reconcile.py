"""Coherent forecasts, against the reference implementation and by what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hierarchicalforecast.methods import BottomUp, MinTrace
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting.errors import InvalidRequest
from siprems_engine.forecasting.hierarchy.reconcile import Covariance, bottom_up, min_trace, not_negative
from siprems_engine.forecasting.hierarchy.structure import Hierarchy


def _made(
    products: int, groups: int, moments: int, seed: int = 0
) -> tuple[Hierarchy, np.ndarray, np.ndarray]:
    """A hierarchy, forecasts that do not add up, and errors that have to do with each other."""
    random = np.random.default_rng(seed)
    hierarchy = Hierarchy.of(random.integers(-1, groups, products))
    nodes = hierarchy.aggregates + products
    forecasts = random.gamma(2.0, 10.0, (nodes, 4))
    errors = random.normal(0, random.uniform(0.1, 9.0, (nodes, 1)), (nodes, moments))
    return hierarchy, forecasts, errors + random.normal(0, 2.0, moments)


def test_totals_are_sums_in_their_order() -> None:
    hierarchy = Hierarchy.of(np.array([7, -1, 7, 3, -1]))
    assert hierarchy.codes.tolist() == [-1, 3, 7]
    assert hierarchy.totals(np.array([1.0, 2.0, 4.0, 8.0, 16.0])).tolist() == [31.0, 18.0, 8.0, 5.0]
    assert hierarchy.nodes(np.ones((5, 2))).shape == (9, 2)


def test_a_shop_without_products_has_no_hierarchy() -> None:
    with pytest.raises(InvalidRequest, match="no product"):
        Hierarchy.of(np.zeros(0, dtype=np.int64))


@pytest.mark.parametrize(
    ("products", "groups", "moments"), [(5, 2, 10), (40, 6, 30), (120, 9, 60), (6, 0, 99)]
)
def test_min_trace_is_the_reference_implementations(products: int, groups: int, moments: int) -> None:
    hierarchy, forecasts, errors = _made(products, groups, moments)
    summing = hierarchy.nodes(np.eye(products))
    reference = MinTrace("mint_shrink").fit(
        S=summing, y_hat=forecasts, y_insample=errors, y_hat_insample=np.zeros_like(errors)
    )
    expected = reference.predict(S=summing, y_hat=forecasts)["mean"]
    assert np.abs(min_trace(hierarchy, forecasts, errors) - expected).max() < 1e-6


def test_bottom_up_is_the_reference_implementations() -> None:
    hierarchy, forecasts, _ = _made(30, 4, 10)
    summing = hierarchy.nodes(np.eye(30))
    expected = BottomUp().fit(S=summing, y_hat=forecasts).predict(S=summing, y_hat=forecasts)["mean"]
    made = bottom_up(hierarchy, forecasts[hierarchy.aggregates :])
    assert np.abs(made - expected).max() < 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(0, 6), st.integers(3, 40), st.integers(0, 1000))
def test_reconciled_forecasts_add_up(products: int, groups: int, moments: int, seed: int) -> None:
    hierarchy, forecasts, errors = _made(products, groups, moments, seed)
    made = min_trace(hierarchy, forecasts, errors)
    parts = made[hierarchy.aggregates :]
    assert np.allclose(hierarchy.totals(parts), made[: hierarchy.aggregates], rtol=1e-6, atol=1e-6)
    bounded = not_negative(hierarchy, made)
    assert (bounded >= 0).all()
    assert np.array_equal(bounded, hierarchy.nodes(bounded[hierarchy.aggregates :]))


def test_forecasts_that_add_up_already_stay_as_they_are() -> None:
    hierarchy, forecasts, errors = _made(25, 3, 20)
    coherent = hierarchy.nodes(forecasts[hierarchy.aggregates :])
    assert np.allclose(min_trace(hierarchy, coherent, errors), coherent)


def test_the_node_with_small_errors_is_believed() -> None:
    """A total that was always right pulls its products to it, not the other way round."""
    hierarchy = Hierarchy.of(np.zeros(4, dtype=np.int64))
    errors = np.random.default_rng(1).normal(0, 5.0, (6, 50))
    errors[:2] *= 1e-3
    forecasts = np.array([[100.0], [100.0], [20.0], [20.0], [20.0], [20.0]])
    made = min_trace(hierarchy, forecasts, errors)
    assert made[0, 0] == pytest.approx(100.0, abs=0.1)
    assert made[2:].sum() == pytest.approx(100.0, abs=0.1)


def test_the_covariance_is_never_written_down_but_right() -> None:
    _, _, errors = _made(10, 2, 30)
    found = Covariance.shrunk(errors)
    whole = found.times(np.eye(len(errors)))
    assert np.allclose(np.diag(whole), errors.var(axis=1, ddof=1))
    apart = ~np.eye(len(errors), dtype=bool)
    assert np.allclose(whole[apart], found.share * np.cov(errors)[apart])
    assert 0.0 <= found.share <= 1.0


def test_errors_without_variation_and_too_few_of_them() -> None:
    hierarchy, forecasts, errors = _made(5, 2, 10)
    made = min_trace(hierarchy, forecasts, np.zeros_like(errors))
    assert np.isfinite(made).all()
    for bad in (errors[:, :2], np.where(errors > 0, np.nan, errors)):
        with pytest.raises(InvalidRequest, match="at least 3 moments"):
            min_trace(hierarchy, forecasts, bad)
