"""The registry of training engines."""

from __future__ import annotations

import pytest

from siprems_engine.forecasting import UnknownEngine, get_engine


@pytest.mark.parametrize("name", ["prophet", "prophet-stan"])
def test_known_engines_tell_name_and_version(name: str) -> None:
    engine = get_engine(name)
    assert engine.name == name
    assert engine.version().startswith("prophet-stan 1.")


def test_an_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(UnknownEngine, match="'crystal ball'; known are prophet, prophet-stan"):
        get_engine("crystal ball")
