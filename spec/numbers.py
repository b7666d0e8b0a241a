"""Integers as in JSON Schema: 1.0 is an integer there (2020-12, Core 4.2.3), but a float in Python."""

from typing import Any


def with_integers(value: Any) -> Any:
    """The same JSON, with each whole number as an `int`."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: with_integers(each) for name, each in value.items()}
        case list():
            return [with_integers(each) for each in value]
        case _:
            return value
