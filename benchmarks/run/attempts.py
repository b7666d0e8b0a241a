"""A part that fails costs no other: what it failed of stands in its place in the data, and so on the page."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

REASON_MAX = 500  # characters


def attempted(make: Callable[[], Any]) -> Any:
    """What `make` returns; where it raises, `{"failure": why}`."""
    try:
        return make()
    except Exception as error:  # whatever it is: it belongs on the page, and the next part is to be measured
        return {"failure": reason(error)}


def reason(error: Exception) -> str:
    """One line. Of a command that failed, the last that it said."""
    said = str(error)
    if isinstance(error, subprocess.CalledProcessError):
        lines = str(error.stderr or error.stdout or "").strip().splitlines()
        said = f"exit code {error.returncode}: {lines[-1] if lines else 'it said nothing'}"
    return f"{type(error).__name__}: {' '.join(said.split())}"[:REASON_MAX]


def failure_of(found: Any) -> str | None:
    return found.get("failure") if isinstance(found, Mapping) else None


def failures(found: Mapping[str, Any], *above: str) -> Iterator[tuple[str, str]]:
    """Where in the data something failed, and of what."""
    for name, value in found.items():
        if name == "failure":
            yield ", ".join(above), value
        elif isinstance(value, Mapping):
            yield from failures(value, *above, name)
