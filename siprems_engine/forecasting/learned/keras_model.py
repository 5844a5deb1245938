"""The same small network by TensorFlow (Keras). It needs the extra; the weights leave as plain arrays."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from siprems_engine.forecasting.learned.loss import Best, deviance
from siprems_engine.forecasting.learned.network import Batches, Network, Scaling, load_network
from siprems_engine.forecasting.learned.recipe import Recipe, Sample, Watch
from siprems_engine.forecasting.shop.poisson import LARGEST_EXPONENT

LARGEST_GRADIENT = 1.0


class Keras:
    """Learns with AdamW (Loshchilov and Hutter 2019) from shuffled batches, on one thread, by a seed."""

    suffix, package = "npz", "tensorflow"

    def fit(self, sample: Sample, check: Sample | None, recipe: Recipe, watch: Watch) -> tuple[Network, int]:
        """Learn for as many epochs as pay."""
        keras = _keras(recipe.seed)
        scaling = Scaling.of(sample.columns)
        rows = Batches.of(sample, scaling)
        model = _model(keras, sample.columns.shape[1], recipe)
        following = _following(keras, scaling, (sample, check), recipe, watch)
        model.fit(
            rows.columns,
            rows.ratio,
            sample_weight=rows.weight,
            batch_size=recipe.options["batch_size"],
            epochs=recipe.epochs,
            verbose=0,
            callbacks=[following],
        )
        return following.kept, following.best.round or recipe.epochs

    def load(self, data: bytes) -> Network:
        """Read the arrays."""
        return load_network(data)


def _keras(seed: int) -> Any:
    """Return Keras on TensorFlow, on one thread and repeatable."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # Only workers with the extra have them.
    import keras
    import tensorflow

    try:
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        # It has been started before, with these very settings.
        pass
    tensorflow.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)
    return keras


def _model(keras: Any, columns: int, recipe: Recipe) -> Any:
    """Layers that begin by saying what the base forecast says."""
    options = recipe.options
    layers = [keras.layers.Input((columns,))]
    for width in options["hidden_sizes"]:
        layers += [keras.layers.Dense(width, activation="relu"), keras.layers.Dropout(options["dropout"])]
    model = keras.Sequential([*layers, keras.layers.Dense(1, kernel_initializer="zeros")])

    def loss(ratio: Any, made: Any) -> Any:
        made = LARGEST_EXPONENT * keras.ops.tanh(made / LARGEST_EXPONENT)
        return keras.ops.exp(made) - keras.ops.reshape(ratio, (-1, 1)) * made

    optimiser = keras.optimizers.AdamW(
        options["learning_rate"], weight_decay=options["weight_decay"], global_clipnorm=LARGEST_GRADIENT
    )
    model.compile(optimizer=optimiser, loss=loss)
    return model


def _following(
    keras: Any, scaling: Scaling, samples: tuple[Sample, Sample | None], recipe: Recipe, watch: Watch
) -> Any:
    """Return a callback that keeps the best weights, stops in time and tells how far it is."""
    sample, check = samples

    class Following(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types.
        def __init__(self) -> None:
            super().__init__()
            self.best = Best(recipe.patience)
            self.kept: Network | None = None

        def on_train_batch_end(self, *_batch: Any, **_logs: Any) -> None:
            watch.tick()

        def on_epoch_end(self, epoch: int, *_more: Any, **_logs: Any) -> None:
            made, number = _network(self.model, scaling), epoch + 1
            checked = None if check is None else _loss(made, check)
            watch.round(number, _loss(made, sample), checked)
            if checked is None or self.best.improves(number, checked) or self.kept is None:
                self.kept = made
            if checked is not None and self.best.is_over(number):
                self.model.stop_training = True

    return Following()


def _loss(network: Network, sample: Sample) -> float:
    return deviance(sample, np.exp(network.exponent(sample.columns)))


def _network(model: Any, scaling: Scaling) -> Network:
    """Return what a model has become so far, as arrays of its own."""
    arrays = [np.array(each, dtype=np.float32) for each in model.get_weights()]
    return Network(scaling, list(zip(arrays[::2], arrays[1::2], strict=True)))
