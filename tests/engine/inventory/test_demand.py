import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.inventory import lead_times, normal
from siprems_engine.inventory.demand import fresh_demand, from_quantiles, protection_demand
from siprems_engine.inventory.rounding import whole_units
from tests.engine.inventory.forecasts import drawn_ahead, negative_binomial, normal_ahead


def array(*values):
    return np.array(values, dtype=float)


def test_the_standard_normal_is_scipys():
    z = np.linspace(-8, 8, 97)
    assert normal.cdf(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12)
    assert normal.pdf(z) == pytest.approx(stats.norm.pdf(z), rel=1e-12)
    p = np.linspace(0.0001, 0.9999, 97)
    assert normal.quantile(p) == pytest.approx(stats.norm.ppf(p), abs=1e-12)
    assert normal.loss(z) == pytest.approx(stats.norm.pdf(z) - z * stats.norm.sf(z), abs=1e-12)


def test_normal_totals_come_back_exactly():
    quantiles = 100 + 15 * normal.quantile(np.array(LEVELS))
    demand = from_quantiles(array(100), quantiles[None, :])
    for level in (0.01, 0.3, 0.5, 0.95, 0.999):
        assert demand.quantile(array(level)) == pytest.approx(100 + 15 * stats.norm.ppf(level), abs=1e-9)
    for units in (60.0, 100.0, 131.0):
        assert demand.probability(array(units)) == pytest.approx(stats.norm.cdf(units, 100, 15), abs=1e-9)
        short = 15 * normal.loss((units - 100) / 15)
        # The tail is cut where one case in 30,000 lies beyond.
        assert demand.missing(array(units)) == pytest.approx(short, abs=2e-4)
        assert demand.left(array(units)) == pytest.approx(units - 100 + short, abs=4e-4)
    assert demand.average == pytest.approx(100, abs=1e-6)
    assert demand.deviation == pytest.approx(15, rel=1e-3)


rising = st.lists(st.floats(0, 1000), min_size=7, max_size=7).map(sorted)


@given(st.lists(rising, min_size=1, max_size=4), st.floats(0.01, 0.999), st.floats(0, 1500))
@settings(max_examples=40, deadline=None)
def test_any_quantiles_make_a_distribution(rows, level, units):
    demand = from_quantiles(np.zeros(len(rows)), np.array(rows))
    levels, at = np.full(len(rows), level), np.full(len(rows), units)
    enough = demand.quantile(levels)
    assert (enough >= 0).all()
    assert (demand.probability(enough * (1 + 1e-9) + 1e-9) >= levels - 1e-6).all()
    # By parts: what is missing is the integral of the probability of more.
    grid = np.linspace(units, 6000, 601)
    beyond = 1 - np.array([demand.probability(np.full(len(rows), x)) for x in grid])
    # A step of the probability lies anywhere between two points.
    assert demand.missing(at) == pytest.approx(np.trapezoid(beyond, grid, axis=0), abs=grid[1] - grid[0])
    assert (demand.missing(at) <= demand.missing(at - 1) + 1e-9).all()


def test_lead_times_keep_their_moments():
    mean, deviation = array(0, 3, 7, 14, 5), array(2, 0, 1.5, 10, 5)
    lead, weight = lead_times.mixture(mean, deviation)
    assert weight.sum() == pytest.approx(1)
    assert lead @ weight == pytest.approx(mean, rel=1e-5)
    spread = np.sqrt((lead - mean[:, None]) ** 2 @ weight)
    assert spread == pytest.approx(array(0, 0, 1.5, 10, 5), rel=0.06)
    assert (lead >= 0).all()
    assert lead_times.mixture(mean, np.zeros(5))[0].shape == (5, 1)


def test_lead_time_quantiles_are_lognormal():
    spread = np.sqrt(np.log1p((2 / 7) ** 2))
    expected = stats.lognorm.ppf(0.95, spread, scale=7 * np.exp(-(spread**2) / 2))
    assert lead_times.quantile(array(7), array(2), array(0.95)) == pytest.approx(expected)
    assert lead_times.quantile(array(7), array(0), array(0.95)) == pytest.approx(7)


@pytest.mark.parametrize(("lead", "deviation", "review"), [(3, 0, 7), (7, 3, 7), (0, 0, 1), (10, 6, 3)])
@pytest.mark.parametrize(("rate", "dispersion"), [(20.0, 3.0), (1.5, 2.0)])
def test_protection_demand_is_what_a_simulation_finds(lead, deviation, review, rate, dispersion):
    rng = np.random.default_rng(7)
    draws, horizon = 20_000, 60
    days = negative_binomial(rng, rate, dispersion, (draws, horizon))
    demand = protection_demand(drawn_ahead(days), array(lead), array(deviation), array(review))
    took = _drawn_lead_times(rng, lead, deviation, draws)
    totals = _until(days[rng.permutation(draws)], np.minimum(took + review, horizon))
    for level in (0.5, 0.8, 0.9, 0.95, 0.99):
        units = whole_units(demand.quantile(array(level)), array(1))
        assert np.mean(totals <= units) >= level - 0.012
        # Counts step: one less must not suffice.
        assert np.mean(totals <= units - 1) <= level + 0.012
    for level in (0.9, 0.95):
        units = demand.quantile(array(level))
        short = np.maximum(totals - units, 0).mean()
        assert demand.missing(units) == pytest.approx(short, rel=0.12, abs=0.02 * rate)
    assert demand.mean == pytest.approx(totals.mean(), rel=0.02)


def test_mean_times_days_would_be_too_little():
    # With lead times that vary, twice the safety stock of certain ones is not enough here.
    ahead = normal_ahead(20.0, 5.0, horizon=60)
    certain = protection_demand(ahead, array(7), array(0), array(7)).quantile(array(0.95))
    uncertain = protection_demand(ahead, array(7), array(4), array(7)).quantile(array(0.95))
    assert certain == pytest.approx(280 + 1.645 * 5 * np.sqrt(14), rel=1e-3)
    # Hadley and Whitin: the variance of the demand is that of 14 days, and of the lead time times the rate.
    assert uncertain == pytest.approx(280 + 1.645 * np.hypot(5 * np.sqrt(14), 20 * 4), rel=0.05)


def test_fresh_demand_begins_with_the_delivery():
    days = np.random.default_rng(3).poisson([5, 5, 5, 50, 50, 5, 5], (20_000, 7)).astype(float)
    demand = fresh_demand(drawn_ahead(days), array(3), array(0), array(2))
    assert demand.mean == pytest.approx(100, rel=0.01)
    sold = days[:, 3:5].sum(axis=1)
    # It has the relative spread of the first two days, which are smaller: more than enough.
    assert np.mean(sold <= demand.quantile(array(0.95))) >= 0.95


def _drawn_lead_times(rng, mean, deviation, draws):
    if not deviation:
        return np.full(draws, float(mean))
    spread = np.sqrt(np.log1p((deviation / mean) ** 2))
    return rng.lognormal(np.log(mean) - spread**2 / 2, spread, draws)


def _until(days, moment):
    """Totals (draws,) until moments (draws,); a part of a day is a binomial part of its units."""
    whole = np.floor(moment).astype(int)
    totals = np.concatenate([np.zeros((len(days), 1)), np.cumsum(days, axis=1)], axis=1)
    row = np.arange(len(days))
    rest = np.random.default_rng(1).binomial(
        days[row, np.minimum(whole, days.shape[1] - 1)].astype(int), moment - whole
    )
    return totals[row, whole] + rest
