"""A learned model as one file: a zip archive of a description and one file a fit, none of them code.

`model.json` tells type, step, columns, hyperparameters and the fits' dates; a fit is XGBoost's binary JSON,
LightGBM's text, or the arrays of a network (npz). Whatever reads it runs nothing that it brings.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from siprems_engine.forecasting.errors import CorruptModel, UnsupportedModel
from siprems_engine.forecasting.learned.engine import DatedFit
from siprems_engine.forecasting.learned.learners import LEARNERS
from siprems_engine.forecasting.learned.recipe import Recipe
from siprems_engine.forecasting.step import Step

FORMAT = 1
# Raise it when the columns that models see change.
COLUMNS_VERSION = 1
DESCRIPTION = "model.json"
MOST_BYTES = 1024**3
# One moment for all entries: the same model is the same bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class LearnedModel:
    """A model of shops that sell by one step: its fits, and what they were made by."""

    recipe: Recipe
    step: Step
    columns: int
    fits: Sequence[DatedFit]

    def dump(self) -> bytes:
        """Return the archive."""
        learner = LEARNERS[self.recipe.model_type]
        names = [f"fit-{fit.until}.{learner.suffix}" for fit in self.fits]
        description = {
            "format": FORMAT,
            "columns_version": COLUMNS_VERSION,
            "step": self.step.value,
            "columns": self.columns,
            "recipe": {**asdict(self.recipe), "options": dict(self.recipe.options)},
            "fits": [
                {"until": str(fit.until), "file": name, "shift": fit.shift}
                for fit, name in zip(self.fits, names, strict=True)
            ],
        }
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            _write(archive, DESCRIPTION, json.dumps(description, indent=1).encode())
            for fit, name in zip(self.fits, names, strict=True):
                _write(archive, name, fit.fitted.dump())
        return data.getvalue()


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, MOMENT), data, zipfile.ZIP_DEFLATED)


def load_model(data: bytes) -> LearnedModel:
    """Read what `LearnedModel.dump` wrote.

    Raises `CorruptModel` for anything else, and `UnsupportedModel` for models of another version.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(each.file_size for each in archive.infolist()) > MOST_BYTES:
                raise CorruptModel("The file is larger than any model of ours.")
            return _read(archive)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        if isinstance(error, CorruptModel | UnsupportedModel):
            raise
        raise CorruptModel("The file is no learned model.") from error


def _read(archive: zipfile.ZipFile) -> LearnedModel:
    described = json.loads(archive.read(DESCRIPTION))
    if (described["format"], described["columns_version"]) != (FORMAT, COLUMNS_VERSION):
        raise UnsupportedModel("The model is of another version of SIPREMS; train it again.")
    recipe = Recipe(**described["recipe"])
    learner = LEARNERS[recipe.model_type]
    fits = [
        DatedFit(
            np.datetime64(fit["until"], "D"), learner.load(archive.read(fit["file"])), float(fit["shift"])
        )
        for fit in described["fits"]
    ]
    return LearnedModel(recipe, Step(described["step"]), int(described["columns"]), fits)
