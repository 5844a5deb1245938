"""Parameters held against a tool's schema, with messages for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from siprems_backend.errors import Invalid
from siprems_backend.services.tool_runner.tool import Parameters, Tool
from siprems_backend.utils.problems import one_line

MOST_PROBLEMS = 20
ROOT = "parameters"
FORMATS = FormatChecker(["date"])

TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
# What a keyword of JSON Schema asks for; the library's own messages repeat the value, however long it is.
WORDS: dict[str, Callable[[Any], str]] = {
    "type": lambda wanted: f"Must be {_types(wanted)}.",
    "enum": lambda allowed: f"Must be one of {', '.join(map(str, allowed))}.",
    "minimum": lambda limit: f"Must be at least {limit}.",
    "maximum": lambda limit: f"Must be at most {limit}.",
    "exclusiveMinimum": lambda limit: f"Must be above {limit}.",
    "exclusiveMaximum": lambda limit: f"Must be below {limit}.",
    "minLength": lambda limit: f"Must have at least {limit} characters.",
    "maxLength": lambda limit: f"Must have at most {limit} characters.",
    "minItems": lambda limit: f"Must have at least {limit} entries.",
    "maxItems": lambda limit: f"Must have at most {limit} entries.",
    "uniqueItems": lambda _: "Must not repeat an entry.",
    "format": lambda name: (
        f"Must be a {name}, such as 2026-01-31." if name == "date" else f"Must be a {name}."
    ),
    "pattern": lambda text: f"Must match {text}.",
}


def checked(tool: Tool, parameters: Mapping[str, Any]) -> Parameters:
    """The parameters in their final form, defaults filled in.

    Raises:
        Invalid: with the path of every value that does not fit, such as `parameters.product_skus.3`.
    """
    validator = Draft202012Validator(tool.schema, format_checker=FORMATS)
    fields: dict[str, list[str]] = {}
    for problem in islice(validator.iter_errors(dict(parameters)), MOST_PROBLEMS):
        for path, words in _in_words(problem):
            fields.setdefault(path, []).append(words)
    if fields:
        raise refused(fields)
    return tool.prepare({**tool.defaults, **parameters})


def refused(fields: Mapping[str, list[str]]) -> Invalid:
    """The error for parameters that do not fit; `fields` by path below the request."""
    return Invalid(one_line(fields.items()), code="invalid_parameters", fields=fields)


def _in_words(problem: ValidationError) -> list[tuple[str, str]]:
    path = ".".join([ROOT, *(str(part) for part in problem.absolute_path)])
    wanted, value = problem.validator_value, problem.instance
    if problem.validator == "required":
        return [(f"{path}.{name}", "Is missing.") for name in wanted if name not in value]
    if problem.validator == "additionalProperties":
        unknown = sorted(set(value) - set(problem.schema.get("properties", {})))
        return [(f"{path}.{name[:100]}", "There is no such parameter.") for name in unknown[:MOST_PROBLEMS]]
    words = WORDS.get(str(problem.validator))
    return [(path, words(wanted) if words else problem.message[:200])]


def _types(wanted: str | list[str]) -> str:
    names = [wanted] if isinstance(wanted, str) else wanted
    return " or ".join(TYPES[name] for name in names)
