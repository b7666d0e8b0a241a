"""Errors of the suite itself, in words. They are never the fault of the deployment, and never that of the user."""

from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from typing import TypeVar

_LONG = 400
Value = TypeVar("Value")


def described(error: BaseException) -> str:
    """What was raised, and where in the suite."""
    lines = str(error).splitlines()
    what = f"{type(error).__name__}: {lines[0][:_LONG]}" if lines else type(error).__name__
    frames = extract_tb(error.__traceback__)
    return f"{what} ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else what


class Failures:
    """Collects the errors of the steps of a run, so that the next steps still happen. With `raises`, it does not."""

    def __init__(self, *, raises: bool = False) -> None:
        self.found: list[str] = []
        self._raises = raises

    def add(self, step: str, error: BaseException) -> None:
        self.found.append(f"{step}: {described(error)}")

    def guarded(self, step: str, do: Callable[[], Value], otherwise: Value) -> Value:
        """The result of the step; `otherwise` where it failed."""
        try:
            return do()
        except Exception as error:  # whatever it is, the run has results that must be shown
            if self._raises:
                raise
            self.add(step, error)
            return otherwise


RAISING = Failures(raises=True)
