"""Periods in which a product could not have sold what was wanted, told from records of its stock."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Flags, Indices
from siprems_engine.forecasting.shop.periods import places
from siprems_engine.forecasting.step import Step

# Without this many periods left there is nothing to learn from: then a low figure is better than none.
FEWEST_LEFT = 8
# How long a shelf that was empty is taken to be empty while nobody records or sells anything. A shop that
# records only changes says nothing until the next delivery; of a product gone for good it never says a thing.
LONGEST_EMPTY = {Step.DAY: 28, Step.WEEK: 4}

EMPTY, UNKNOWN, FILLED = -1, 0, 1


def product_stock_outs(grid: Grid, row: int, days: Days, on_hand: Floats) -> Flags:
    """Tell the periods (T,) of a product of a grid whose demand its stock hid, from levels (k,) by their day.

    Levels before and after the calendar say nothing.
    """
    place = places(grid.days, grid.step, days)
    inside = (place >= 0) & (place < len(grid.days))
    units = grid.units[row]
    known = grid.open & ~np.isnan(units)
    return stock_outs(np.nan_to_num(units), known, place[inside], on_hand[inside], grid.step)


def stock_outs(sold: Floats, known: Flags, place: Indices, on_hand: Floats, step: Step) -> Flags:
    """Tell the periods (T,) of one product whose demand its stock hid.

    `sold` (T,) are units, 0 where nothing sold; `known` (T,) tells where they count. `on_hand` (k,) are the
    levels at the end of the periods `place` (k,), of which the last of a period counts. A period without a
    sale is hidden if the shelf was empty at its beginning or its end, one with a sale if it was empty at its
    end, unless fewer than `FEWEST_LEFT` periods would be left. Records that a sale refutes say nothing.
    """
    level = np.full(len(sold), UNKNOWN, dtype=np.int8)
    level[place] = np.where(on_hand > 0, FILLED, EMPTY)
    sale = sold > 0
    level[_refuted(level, sale)] = UNKNOWN
    hidden = ~sale & ((level == EMPTY) | _empty_before(level, sale, LONGEST_EMPTY[step]))
    sold_out = hidden | (sale & (level == EMPTY))
    return sold_out if np.count_nonzero(known & ~sold_out) >= FEWEST_LEFT else hidden


def _refuted(level: np.ndarray, sale: Flags) -> Flags:
    """Tell the periods (T,) whose record of an empty shelf is not to be believed.

    Whoever sells from a shelf recorded as empty does not keep the record: from such a sale on no empty shelf
    is believed until one was recorded as filled.
    """
    period = np.arange(len(level))
    from_nothing = sale & _empty_before(level, sale, len(level))
    refuted, filled = (
        np.maximum.accumulate(np.where(flags, period, -1)) for flags in (from_nothing, level == FILLED)
    )
    doubted: Flags = (level == EMPTY) & (refuted > filled)
    return doubted


def _empty_before(level: np.ndarray, sale: Flags, longest: int) -> Flags:
    """Tell the periods (T,) at whose beginning the shelf was empty, by the last record before them.

    A record holds until a sale that nobody recorded the level of, and for the `longest` time.
    """
    period = np.arange(len(level))
    told = np.maximum.accumulate(np.where((level != UNKNOWN) | sale, period, -1))
    before = np.concatenate([[-1], told[:-1]])
    empty: Flags = (before >= 0) & (level[before] == EMPTY) & (period - before <= longest)
    return empty
