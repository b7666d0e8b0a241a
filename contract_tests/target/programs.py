"""Programs of the user that a run starts directly, without a shell: hooks, and the one that prints a key."""

import subprocess
from collections.abc import Sequence

_SECONDS = 60
_LINES_SAID = 3
_CHARACTERS_SAID = 400


class ProgramFailed(Exception):
    """The message says which program, how it ended, and its last lines of stderr."""


def output_of(arguments: Sequence[str], name: str) -> str:
    """What the program prints. `name` is what a message calls it. Raises `ProgramFailed`."""
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise ProgramFailed(f"{name} did not end within {_SECONDS} seconds: {arguments[0]}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
        why = getattr(error, "strerror", None) or error
        raise ProgramFailed(f"{name} could not be started: {arguments[0]} ({why})") from None
    if done.returncode != 0:
        said = _last_lines(done.stderr)
        raise ProgramFailed(f"{name} ended with {done.returncode}: {arguments[0]}" + (f" said {said}" if said else ""))
    return done.stdout.decode("utf-8", "replace")


def _last_lines(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return " / ".join(lines[-_LINES_SAID:])[-_CHARACTERS_SAID:]
