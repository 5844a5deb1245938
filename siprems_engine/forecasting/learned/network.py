"""A small network as plain arrays: whoever trained it, forecasting with it needs numpy alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.errors import CorruptModel
from siprems_engine.forecasting.learned.recipe import Sample
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.poisson import LARGEST_EXPONENT, Singles

# Standardised columns are cut here: a network goes on for ever in a direction that it has never seen.
FARTHEST = 5.0
SMALLEST_DEVIATION = 1e-4
# Rows above this quantile of the weights count as those at it.
LARGEST_WEIGHT = 0.99
# The largest file of weights that is read; four layers of 512 are 4 MB.
MOST_BYTES = 64 * 1024**2


@dataclass(frozen=True, eq=False)
class Scaling:
    """Columns standardised by `centre` (p,) and `scale` (p,); those that do not vary are always 0."""

    centre: Singles
    scale: Singles

    @classmethod
    def of(cls, columns: Singles) -> Scaling:
        """Take mean and deviation of columns (n, p)."""
        deviation = columns.std(axis=0, dtype=np.float64)
        scale = np.where(deviation > SMALLEST_DEVIATION, deviation, np.inf)
        return cls(columns.mean(axis=0, dtype=np.float64).astype(np.float32), scale.astype(np.float32))

    def __call__(self, columns: Singles) -> Singles:
        """Return the columns (n, p) standardised and cut."""
        return np.clip((columns - self.centre) / self.scale, -FARTHEST, FARTHEST)


@dataclass(frozen=True, eq=False)
class Network:
    """Layers of weights (in, out) and biases (out,), with max(0, x) between them and a bounded end."""

    scaling: Scaling
    layers: Sequence[tuple[Singles, Singles]]

    def exponent(self, columns: Singles) -> Floats:
        """Return what the network makes of columns (n, p), (n,)."""
        values = self.scaling(columns)
        for place, (weights, bias) in enumerate(self.layers):
            values = values @ weights + bias
            if place < len(self.layers) - 1:
                values = np.maximum(values, 0.0)
        return bounded(values[:, 0]).astype(np.float64)

    def importances(self) -> Floats | None:
        """Return the size of the first layer's weights of each column: a hint, no more."""
        return np.where(np.isfinite(self.scaling.scale), np.abs(self.layers[0][0]).sum(axis=1), 0.0)

    def dump(self) -> bytes:
        """Return it as an npz archive without any object in it."""
        arrays = {"centre": self.scaling.centre, "scale": self.scaling.scale}
        for place, (weights, bias) in enumerate(self.layers):
            arrays |= {f"weights{place}": weights, f"bias{place}": bias}
        data = io.BytesIO()
        np.savez(data, **arrays)  # type: ignore[arg-type]
        return data.getvalue()


def bounded(values: Singles) -> Singles:
    """Bend values smoothly, so that no correction leaves what the other models can say."""
    return LARGEST_EXPONENT * np.tanh(values / LARGEST_EXPONENT)


def load_network(data: bytes) -> Network:
    """Read what `Network.dump` wrote; raises `CorruptModel`."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            if sum(each.file_size for each in arrays.zip.infolist()) > MOST_BYTES:
                raise CorruptModel("The file is larger than any network of ours.")
            count = sum(name.startswith("weights") for name in arrays.files)
            layers = [(arrays[f"weights{place}"], arrays[f"bias{place}"]) for place in range(count)]
            network = Network(Scaling(arrays["centre"], arrays["scale"]), layers)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise CorruptModel("The file holds no network.") from error
    _check(network)
    return network


def _check(network: Network) -> None:
    width = network.scaling.centre.shape
    for weights, bias in network.layers:
        if weights.ndim != 2 or weights.shape[:1] != width or bias.shape != weights.shape[1:]:
            raise CorruptModel("The layers of the network do not fit together.")
        if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
            raise CorruptModel("The network has weights that are no numbers.")
        width = bias.shape
    if width != (1,) or network.scaling.scale.shape != network.scaling.centre.shape:
        raise CorruptModel("The layers of the network do not fit together.")


@dataclass(frozen=True, eq=False)
class Batches:
    """Rows as a network learns them, all float32: standardised columns, ratios to the base, weights.

    Weights have a mean of 1 and are cut, so that one bulk buyer does not steer the whole batch.
    """

    columns: Singles
    ratio: Singles
    weight: Singles

    @classmethod
    def of(cls, sample: Sample, scaling: Scaling) -> Batches:
        """Prepare a sample."""
        weight = sample.weight * sample.base
        weight = np.minimum(weight, np.quantile(weight, LARGEST_WEIGHT))
        return cls(
            scaling(sample.columns).astype(np.float32),
            (sample.units / sample.base).astype(np.float32),
            (weight / weight.mean()).astype(np.float32),
        )
