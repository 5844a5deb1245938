"""A small network by PyTorch. It needs the extra; the weights leave as plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from siprems_engine.forecasting.learned.loss import Best, deviance
from siprems_engine.forecasting.learned.network import Batches, Network, Scaling, load_network
from siprems_engine.forecasting.learned.recipe import Recipe, Sample, Watch
from siprems_engine.forecasting.shop.poisson import LARGEST_EXPONENT

LARGEST_GRADIENT = 1.0


class Torch:
    """Learns with AdamW (Loshchilov and Hutter 2019) from shuffled batches, on one thread, by a seed."""

    suffix, package = "npz", "torch"

    def fit(self, sample: Sample, check: Sample | None, recipe: Recipe, watch: Watch) -> tuple[Network, int]:
        """Learn for as many epochs as pay."""
        run, best = _Run(sample, recipe), Best(recipe.patience)
        kept = run.network()
        for number in range(1, recipe.epochs + 1):
            run.epoch(watch)
            made = run.network()
            checked = None if check is None else _loss(made, check)
            watch.round(number, _loss(made, sample), checked)
            if checked is None or best.improves(number, checked):
                kept = made
            if checked is not None and best.is_over(number):
                break
        return kept, best.round or recipe.epochs

    def load(self, data: bytes) -> Network:
        """Read the arrays."""
        return load_network(data)


def _loss(network: Network, sample: Sample) -> float:
    return deviance(sample, np.exp(network.exponent(sample.columns)))


class _Run:
    """One training: layers, optimiser and rows."""

    def __init__(self, sample: Sample, recipe: Recipe) -> None:
        # Only workers with the extra have it.
        import torch

        # The worker scales by processes, and sums over threads would differ from run to run.
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(mode=True)
        self._scaling, options = Scaling.of(sample.columns), recipe.options
        rows = Batches.of(sample, self._scaling)
        self._rows = [torch.from_numpy(each) for each in (rows.columns, rows.ratio, rows.weight)]
        self._size = options["batch_size"]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self._layers = _layers(sample.columns.shape[1], options["hidden_sizes"], options["dropout"])
        self._shuffle = torch.Generator().manual_seed(recipe.seed)
        self._optimiser = torch.optim.AdamW(
            self._layers.parameters(), lr=options["learning_rate"], weight_decay=options["weight_decay"]
        )

    def epoch(self, watch: Watch) -> None:
        """See all rows once."""
        import torch

        self._layers.train()
        order = torch.randperm(len(self._rows[0]), generator=self._shuffle)
        for batch in order.split(self._size):
            watch.tick()
            columns, ratio, weight = (each[batch] for each in self._rows)
            made = LARGEST_EXPONENT * torch.tanh(self._layers(columns)[:, 0] / LARGEST_EXPONENT)
            self._optimiser.zero_grad()
            (weight * (torch.exp(made) - ratio * made)).mean().backward()
            torch.nn.utils.clip_grad_norm_(self._layers.parameters(), LARGEST_GRADIENT)
            self._optimiser.step()

    def network(self) -> Network:
        """Return what it has become so far, as arrays of its own."""
        linear = [layer for layer in self._layers if hasattr(layer, "weight")]
        return Network(
            self._scaling,
            [(each.weight.detach().numpy().T.copy(), each.bias.detach().numpy().copy()) for each in linear],
        )


def _layers(columns: int, hidden: list[int], dropout: float) -> Any:
    """Layers that begin by saying what the base forecast says."""
    from torch import nn

    layers: list[Any] = []
    for width, following in zip([columns, *hidden], hidden, strict=False):
        layers += [nn.Linear(width, following), nn.ReLU(), nn.Dropout(dropout)]
    last = nn.Linear(hidden[-1], 1)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)
