"""The registry of training engines."""

from __future__ import annotations

import pytest

from siprems_engine.forecasting import UnknownEngine, get_engine


@pytest.mark.parametrize(
    ("name", "version"), [("prophet", "prophet-map 1"), ("prophet-stan", "prophet-stan 1.")]
)
def test_known_engines_tell_name_and_version(name: str, version: str) -> None:
    engine = get_engine(name)
    assert engine.name == name
    assert engine.version().startswith(version)


def test_an_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(UnknownEngine, match="'crystal ball'; known are prophet, prophet-stan"):
        get_engine("crystal ball")
