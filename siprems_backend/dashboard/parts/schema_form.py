"""Forms made from a JSON Schema: a field for each of its properties.

A field's id is `{"form": form, "key": key, "name": property, "kind": kind}`; `kind` tells the script that
puts values together (`assets/forms.js`) what the text of a field stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
import orjson
from dash.development.base_component import Component

from siprems_backend.dashboard.language import say

Schema = Mapping[str, Any]
Option = str | Mapping[str, str]
INTEGER, NUMBER, TEXT, TEXTS, NUMBERS, FLAG, JSON, ANY, DAY = (
    "integer",
    "number",
    "text",
    "texts",
    "numbers",
    "flag",
    "json",
    "any",
    "day",
)
# Of whole fields that stand side by side the narrow ones share a line.
WIDE = {TEXTS, NUMBERS, JSON}


@dataclass(frozen=True)
class Words:
    """What a field is called, and a sentence about it."""

    label: str
    help: str


@dataclass(frozen=True)
class Form:
    """One form: its name and key in the ids, words of each property, and what can be chosen for some."""

    name: str
    key: str
    words: Callable[[str, Schema], Words]
    options: Mapping[str, Sequence[Option]]

    def fields(self, schema: Schema, values: Mapping[str, Any]) -> Component:
        """All fields, with what was chosen so far; what is left empty is the default."""
        required = set(schema.get("required", ()))
        cells = [
            dmc.GridCol(
                self._field(name, of, values.get(name), name in required),
                span=12 if kind_of(of) in WIDE else {"base": 12, "xs": 6},
            )
            for name, of in schema["properties"].items()
        ]
        return dmc.Grid(cells, gutter="md", align="flex-start")

    def _field(self, name: str, schema: Schema, value: Any, required: bool) -> Component:
        kind, words = kind_of(schema), self.words(name, schema)
        identity = {"form": self.name, "key": self.key, "name": name, "kind": kind}
        about: dict[str, Any] = {"id": identity, "label": words.label, "description": words.help}
        default = schema.get("default")
        if kind == FLAG:
            return dmc.Switch(**about, checked=bool(default if value is None else value), mt=4)
        about |= {"withAsterisk": required, "inputWrapperOrder": ["label", "input", "description", "error"]}
        return MAKERS[kind](about, schema, value, self.options.get(name))


def kind_of(schema: Schema) -> str:
    """What kind of value a property takes."""
    if isinstance(schema.get("type"), list):
        return ANY
    kind = schema.get("type", "string")
    if kind == "array":
        return NUMBERS if schema["items"].get("type") in {"integer", "number"} else TEXTS
    if kind == "string":
        return DAY if schema.get("format") == "date" else TEXT
    return {"integer": INTEGER, "number": NUMBER, "boolean": FLAG, "object": JSON}[kind]


def _number(about: dict[str, Any], schema: Schema, value: Any, _options: Any) -> Component:
    default = schema.get("default")
    return dmc.NumberInput(
        **about,
        value="" if value is None else value,
        placeholder="" if default is None else f"{default:g}",
        allowDecimal=schema["type"] == "number",
        hideControls=schema["type"] == "number",
        allowNegative=schema.get("minimum", schema.get("exclusiveMinimum", -1)) < 0,
        debounce=True,
    )


def _text(about: dict[str, Any], schema: Schema, value: Any, options: Any) -> Component:
    choices = schema.get("enum") or options
    if choices is None:
        return dmc.TextInput(
            **about, value=value or "", placeholder=str(schema.get("default", "")), debounce=True
        )
    default = schema.get("default")
    known = {each if isinstance(each, str) else each["value"] for each in choices}
    # What somebody chose stays to be seen, also where it is not there any more.
    extra = [] if value is None or value in known else [str(value)]
    return dmc.Select(
        **about,
        data=[*choices, *extra],
        value=value if value is not None else default,
        searchable=True,
        clearable=default is None,
        allowDeselect=default is None,
        nothingFoundMessage=say("form.nothing_found"),
        comboboxProps={"shadow": "md"},
    )


def _texts(about: dict[str, Any], schema: Schema, value: Any, options: Any) -> Component:
    choices = schema["items"].get("enum") or options or []
    if "enum" in schema["items"]:
        chosen = value if value is not None else schema.get("default", [])
        return dmc.MultiSelect(**about, data=choices, value=chosen, clearable=True)
    return dmc.TagsInput(
        **about,
        data=choices,
        value=value or [],
        clearable=True,
        acceptValueOnBlur=True,
        maxDropdownHeight=240,
    )


def _numbers(about: dict[str, Any], schema: Schema, value: Any, _options: Any) -> Component:
    shown = value if value is not None else schema.get("default") or []
    return dmc.TagsInput(**about, value=[f"{each:g}" for each in shown], clearable=True)


def _json(about: dict[str, Any], _schema: Schema, value: Any, _options: Any) -> Component:
    text = "" if value is None else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return dmc.JsonInput(
        **about,
        value=text,
        autosize=True,
        minRows=2,
        formatOnBlur=True,
        validationError=say("form.no_json"),
        debounce=True,
        classNames={"input": "mono"},
    )


def _any(about: dict[str, Any], _schema: Schema, value: Any, _options: Any) -> Component:
    return dmc.TextInput(**about, value="" if value is None else str(value), debounce=True)


def _day(about: dict[str, Any], _schema: Schema, value: Any, _options: Any) -> Component:
    return dmc.DatePickerInput(**about, value=value, clearable=True, valueFormat="D MMM YYYY")


MAKERS: dict[str, Callable[[dict[str, Any], Schema, Any, Any], Component]] = {
    INTEGER: _number,
    NUMBER: _number,
    TEXT: _text,
    TEXTS: _texts,
    NUMBERS: _numbers,
    JSON: _json,
    ANY: _any,
    DAY: _day,
}
