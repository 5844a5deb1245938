import numpy as np
import pytest
from scipy import stats

from siprems_engine.inventory.incoming import Incoming
from siprems_engine.inventory.shortage import shortage
from tests.engine.inventory.forecasts import normal_ahead

MEAN, SD = 20.0, 5.0


def array(*values):
    return np.array(values, dtype=float)


def of_normal(stock, days):
    """Probability and units missing of normal demand in closed form."""
    mean, sd = MEAN * days, SD * np.sqrt(days)
    score = (stock - mean) / sd
    return stats.norm.sf(score), sd * (stats.norm.pdf(score) - score * stats.norm.sf(score))


def risk(stock, until, days=(), units=()):
    incoming = Incoming(np.zeros(len(days), dtype=np.int64), array(*days), array(*units))
    probability, missing = shortage(normal_ahead(MEAN, SD), array(stock), incoming, array(until))
    return probability[0], missing[0]


@pytest.mark.parametrize(("stock", "until"), [(60, 3), (75, 3), (130, 7), (150, 7)])
def test_without_deliveries_it_is_the_closed_form(stock, until):
    # Beyond the outermost quantiles that are stored the distribution goes on by its own rule.
    assert risk(stock, until) == pytest.approx(of_normal(stock, until), rel=0.05, abs=0.005)


def test_a_delivery_in_time_helps_as_stock_does_from_its_day_on():
    with_delivery = risk(50, 7, [2], [100])
    assert with_delivery == pytest.approx(
        np.maximum(of_normal(50, 2), of_normal(150, 7)), rel=0.05, abs=0.005
    )
    # As large as it may be, it is late for what is wanted before.
    assert risk(30, 7, [2], [1e6]) == pytest.approx(of_normal(30, 2), rel=0.05, abs=0.005)


def test_what_comes_on_the_last_day_or_later_does_not_help():
    assert risk(100, 7, [7], [500]) == risk(100, 7, [30, 8], [500, 500]) == risk(100, 7)


def test_what_should_have_come_counts_as_stock():
    assert risk(50, 7, [-3, 0], [60, 40]) == pytest.approx(risk(150, 7))
    assert risk(0, 7, [-1], [1e6]) == pytest.approx((0, 0), abs=1e-9)


@pytest.mark.parametrize(("stock", "comes", "units"), [(45, 2, 140), (60, 2, 120), (45, 3, 200)])
def test_simulated_days_agree(stock, comes, units):
    rng, days = np.random.default_rng(3), np.arange(1, 9)
    sold = np.cumsum(rng.normal(MEAN, SD, (200_000, 8)), axis=1)
    there = np.where(days > comes, stock + units, stock)
    short = (sold > there).any(axis=1).mean()
    probability, missing = risk(stock, 8, [comes], [units])
    # The worst moment alone is never likelier than any of them, but for the stored quantiles' roundness.
    assert short - 0.12 <= probability <= short + 0.005
    assert missing == pytest.approx(
        np.maximum(sold - there, 0)[:, [comes - 1, 7]].mean(axis=0).max(), rel=0.05
    )
