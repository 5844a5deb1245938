"""A fitted pipeline as a file: skops, which, unlike pickle, runs nothing when it is read."""

from __future__ import annotations

import zipfile

from skops.io import dumps, get_untrusted_types, loads
from skops.io.exceptions import UntrustedTypesFoundException

from siprems_engine.pipelines.errors import CorruptArtifact
from siprems_engine.pipelines.fitted import FittedPipeline

# All that our pipelines hold beyond what skops trusts by itself.
TRUSTED = (
    "numpy.dtype",
    "siprems_engine.pipelines.elementwise.Elementwise",
    "siprems_engine.pipelines.fitted.FittedPipeline",
    "siprems_engine.pipelines.steps.ColumnsStep",
    "siprems_engine.pipelines.steps.DropStep",
    "siprems_engine.pipelines.steps.FrameStep",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.tree._tree.Tree",
)

# What skops raises at files that are cut, damaged or made up.
MISREADINGS = (
    zipfile.BadZipFile,
    UntrustedTypesFoundException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ImportError,
    RuntimeError,
    OSError,
)


def to_bytes(fitted: FittedPipeline) -> bytes:
    """Return the pipeline as the bytes of a skops file."""
    data: bytes = dumps(fitted, compression=zipfile.ZIP_DEFLATED)
    return data


def from_bytes(data: bytes) -> FittedPipeline:
    """Return the pipeline of a skops file.

    Raises `CorruptArtifact` unless it is one and holds trusted types only.
    """
    try:
        strange = sorted(set(get_untrusted_types(data=data)) - set(TRUSTED))
        fitted = None if strange else loads(data, trusted=list(TRUSTED))
    except MISREADINGS as error:
        raise CorruptArtifact(f"The file is not a fitted pipeline: {error}") from error
    if strange:
        raise CorruptArtifact(f"The file holds types that are not trusted: {', '.join(strange)}.")
    if not isinstance(fitted, FittedPipeline):
        raise CorruptArtifact("The file holds something else than a fitted pipeline.")
    return fitted
