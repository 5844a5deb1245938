"""The shelves of a shop, period by period: deliveries, sales, waste, orders."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from siprems_engine.forecasting.series import Floats

# Units that stay good for longer than the replay are kept as one batch.
KEEPS = np.inf


@dataclass(frozen=True, eq=False)
class Ledger:
    """What happened to N products in T periods, (N, T) each: units that sold, that customers asked for in
    vain, that lay there in the evening, that expired, that were ordered (in the evening) and that came.
    """

    sold: Floats
    lost: Floats
    stock: Floats
    wasted: Floats
    ordered: Floats
    came: Floats

    def between(self, first: int, last: int) -> Ledger:
        """Keep the periods from `first` to before `last`."""
        return Ledger(*(getattr(self, field.name)[:, first:last] for field in fields(self)))


class Floor:
    """Shelves of N products that demand (N, T) empties. What is asked for in vain is lost, not waited for.

    A delivery comes in the morning, before anything sells; who orders in the evening of period t with a lead
    time of l has it in the morning of t + 1 + l. With a shelf life of k periods (N,; inf: it keeps) units
    sell in k periods, the first of which is that of their delivery. The oldest sell first.
    """

    def __init__(self, demand: Floats, stock: Floats, shelf_life: Floats | None = None) -> None:
        """Begin in the evening before the first period with fresh stock (N,)."""
        self.demand = demand
        self.periods = demand.shape[1]
        self.now = -1
        life = np.full(len(demand), KEEPS) if shelf_life is None else shelf_life
        finite = np.where(np.isfinite(life), np.maximum(life, 1.0), 1.0).astype(np.int64)
        # A column for each period that units may still be good for; what keeps never leaves the first.
        self._keeps = ~np.isfinite(life)
        self._last = finite - 1
        self._batches = np.zeros((len(demand), int(finite.max(initial=1))))
        self._arriving = np.zeros((len(demand), self.periods + 1))
        self._made = {field.name: np.zeros_like(demand) for field in fields(Ledger)}
        self._rows = np.arange(len(demand))
        self._batches[self._rows, self._last] = stock

    @property
    def on_hand(self) -> Floats:
        """Units on the shelves now, in the evening, (N,)."""
        return np.asarray(self._batches.sum(axis=1))

    def coming(self) -> tuple[np.ndarray, Floats, Floats]:
        """Return product, periods until the morning of its delivery (0: tomorrow) and units of each one."""
        product, place = np.nonzero(self._arriving[:, self.now + 1 : -1])
        units = self._arriving[product, self.now + 1 + place]
        return product, place.astype(np.float64), units

    def order(self, units: Floats, lead: np.ndarray) -> None:
        """Order units (N,) in the evening of the present period, to come after `lead` whole periods (N,)."""
        arrives = np.minimum(self.now + 1 + lead, self.periods)
        np.add.at(self._arriving, (self._rows, arrives), units)
        if self.now >= 0:
            self._made["ordered"][:, self.now] += units

    def run(self, until: int) -> None:
        """Let periods pass, up to the evening of this one."""
        for period in range(self.now + 1, until + 1):
            self._pass(period)
        self.now = max(self.now, until)

    def ledger(self) -> Ledger:
        """Return what has happened."""
        return Ledger(**self._made)

    def _pass(self, period: int) -> None:
        came = self._arriving[:, period]
        self._batches[self._rows, self._last] += came
        wanted = self.demand[:, period].copy()
        for batch in range(self._batches.shape[1]):
            taken = np.minimum(wanted, self._batches[:, batch])
            self._batches[:, batch] -= taken
            wanted -= taken
        self._note("came", period, came)
        self._note("lost", period, wanted)
        self._note("sold", period, self.demand[:, period] - wanted)
        self._note("wasted", period, self._age())
        self._note("stock", period, self.on_hand)

    def _age(self) -> Floats:
        """Let the night pass; return what expired, (N,)."""
        expired = np.where(self._keeps, 0.0, self._batches[:, 0])
        kept = np.where(self._keeps, self._batches[:, 0], 0.0)
        self._batches[:, :-1] = self._batches[:, 1:]
        self._batches[:, -1] = 0.0
        self._batches[:, 0] += kept
        return expired

    def _note(self, name: str, period: int, units: Floats) -> None:
        self._made[name][:, period] = units
