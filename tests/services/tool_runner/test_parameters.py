"""Parameters are held against the schema, with a path and a word for everything that does not fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from siprems_backend.config import Settings
from siprems_backend.errors import Invalid
from siprems_backend.services.tool_runner import registry
from siprems_backend.services.tool_runner.parameters import checked
from siprems_backend.services.tool_runner.tool import OutputKind, Tool
from siprems_backend.utils.roles import Role

TOOL = Tool(
    name="t",
    title="T",
    description="D",
    role=Role.VIEWER,
    properties={
        "days": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
        "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "skus": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 3}, "maxItems": 2},
        "when": {"type": "string", "format": "date"},
        "kind": {"type": ["string", "null"], "enum": ["a", "b", None]},
        "code": {"type": "string", "pattern": "^[a-z]+$"},
        "mode": {"const": 1},
    },
    required=("kind",),
    outputs=(OutputKind("f", "text/plain", "F"),),
    run=lambda _parameters, _context: {},
)


def problems(**parameters: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        checked(TOOL, parameters)
    assert caught.value.status == 422
    assert caught.value.code == "invalid_parameters"
    return caught.value.fields


@pytest.mark.parametrize(
    ("given_", "path", "words"),
    [
        ({"days": "3"}, "parameters.days", "Must be a whole number."),
        ({"days": True}, "parameters.days", "Must be a whole number."),
        ({"days": 2.5}, "parameters.days", "Must be a whole number."),
        ({"days": 0}, "parameters.days", "Must be at least 1."),
        ({"days": 10**400}, "parameters.days", "Must be at most 9."),
        ({"share": 1}, "parameters.share", "Must be below 1."),
        ({"share": 0}, "parameters.share", "Must be above 0."),
        ({"skus": "A"}, "parameters.skus", "Must be a list."),
        ({"skus": ["A", ""]}, "parameters.skus.1", "Must have at least 1 characters."),
        ({"skus": ["A", "ABCD"]}, "parameters.skus.1", "Must have at most 3 characters."),
        ({"skus": ["A", "B", "C"]}, "parameters.skus", "Must have at most 2 entries."),
        ({"when": "2026-02-30"}, "parameters.when", "Must be a date, such as 2026-01-31."),
        ({"when": "yesterday"}, "parameters.when", "Must be a date, such as 2026-01-31."),
        ({"kind": "c"}, "parameters.kind", "Must be one of a, b, None."),
        ({"code": "A1"}, "parameters.code", "Must match ^[a-z]+$."),
        ({"mode": 2}, "parameters.mode", "1 was expected"),
        ({"other": 1}, "parameters.other", "There is no such parameter."),
    ],
)
def test_every_problem_has_its_path_and_words(given_: dict[str, Any], path: str, words: str) -> None:
    assert problems(**{"kind": "a", **given_}) == {path: [words]}


def test_what_is_missing_is_named() -> None:
    assert problems() == {"parameters.kind": ["Is missing."]}


def test_many_problems_are_told_together_and_bounded() -> None:
    assert set(problems(days="x", share=2)) == {"parameters.days", "parameters.share", "parameters.kind"}
    many = problems(kind="a", **{f"unknown_{number}": 1 for number in range(1000)})
    assert len(many) == 20
    assert len(problems(kind="a", skus=[""] * 100_000)) <= 20


def test_a_long_value_is_not_repeated() -> None:
    fields = problems(kind="x" * 100_000, **{"y" * 5000: 1})
    assert all(len(path) + sum(map(len, words)) < 300 for path, words in fields.items())


def test_defaults_are_filled_in() -> None:
    assert checked(TOOL, {"kind": None}) == {"days": 3, "kind": None}


SAMPLES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*TOOL.properties, "x"]) | st.text(), SAMPLES, max_size=5))
def test_anything_is_taken_or_refused_with_fields(parameters: dict[str, Any]) -> None:
    try:
        final = checked(TOOL, parameters)
    except Invalid as error:
        final = dict.fromkeys(TOOL.properties if error.fields and error.message else ["said nothing"])
    assert set(final) <= set(TOOL.properties)


def test_our_tools_say_what_they_take(migrated: Settings) -> None:
    for name, tool in registry.tools().items():
        Draft202012Validator.check_schema(tool.schema)
        assert name == tool.name
        assert name.isidentifier()
        assert tool.title
        assert tool.description
        assert tool.outputs
        for parameter, schema in tool.properties.items():
            assert schema["description"], (name, parameter)
        if not tool.required:
            # The defaults fit; and what is final stays what it is, for workers look at it again.
            assert checked(tool, checked(tool, {})) == checked(tool, {})


def test_two_tools_of_one_name_are_a_mistake(migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_tools_of", lambda _package: [TOOL, TOOL])
    registry.tools.cache_clear()
    with pytest.raises(ValueError, match="two tools are named 't'"):
        registry.tools()
    registry.tools.cache_clear()
