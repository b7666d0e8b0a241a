"""What the people who run the deployment can set: its time, and what is left of today's writes of the main workspace.

They write a line into a file. The server carries the lines out in their order, before the next call.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path


class Operator:
    """`set_left` sets what is left of the writes of the day of this time."""

    def __init__(self, folder: Path, time: Callable[[], datetime], set_left: Callable[[int, datetime], None]) -> None:
        self._orders = folder / "orders"
        self._time = time
        self._set_left = set_left
        self._ahead = timedelta()
        self._done = 0

    @property
    def set_clock(self) -> list[str]:
        """The command of a deployment file."""
        return self._command("clock", "{now}")

    @property
    def set_budget(self) -> list[str]:
        return self._command("budget", "{writes_left}")

    def now(self) -> datetime:
        return self._time() + self._ahead

    def carry_out(self) -> None:
        """Do what was written since the last call."""
        if not self._orders.exists():
            return
        lines = self._orders.read_text().splitlines()
        for line in lines[self._done :]:
            what, value = line.split()
            if what == "clock":
                self._ahead = datetime.fromisoformat(value) - self._time()
            else:
                self._set_left(int(value), self.now())
        self._done = len(lines)

    def _command(self, what: str, value: str) -> list[str]:
        return ["sh", "-c", f"""printf '{what} %s\\n' "$1" >> '{self._orders}'""", "set", value]
