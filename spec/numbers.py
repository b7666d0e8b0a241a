"""Numbers as JSON Schema has them: 1.0 is an integer (2020-12, Core 4.2.3), and to Python it is none."""

from typing import Any


def with_integers(value: Any) -> Any:
    """The same JSON with each number that is an integer as one."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: with_integers(each) for name, each in value.items()}
        case list():
            return [with_integers(each) for each in value]
        case _:
            return value
