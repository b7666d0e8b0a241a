"""The trace of one decision: its checks in order. The last check decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..types.answers import (
    BatchResult,
    Check,
    Decision,
    Effects,
    Refusal,
    Remember,
    Remembered,
)
from ..types.readings import Readings
from ..types.request import WriteCall
from ..types.results import Shown
from .replay import is_remembered, key_name, remember, renewed, replay

Numbers = Mapping[str, int | str | None]


@dataclass(slots=True)
class Trace:
    """Collects the checks of one call. `execute`, `refuse` and `replay` return the decision."""

    request: WriteCall
    readings: Readings
    now: datetime
    checks: list[Check] = field(default_factory=list)

    def passed(self, rule: str, numbers: Numbers) -> None:
        self.checks.append(Check(rule, "passed", numbers))

    def execute(self, answer: BatchResult | Shown, effects: Effects, rule: str, numbers: Numbers) -> Decision:
        """Execute the call. `effects` are its changes, without the storing of its answer."""
        memory = self._memory(answer.status, executed=True)
        if memory is not None:
            effects = effects._replace(remember=memory)
        self.passed(rule, numbers)
        return Decision(answer, effects, self.checks)

    def refuse(self, refusal: Refusal, numbers: Numbers, writes: int = 0, *, keep: bool = True) -> Decision:
        """Refuse the call. Its only effects are those that a reading gives to refusals."""
        self.checks.append(Check(refusal.rule, "refused", numbers))
        kept = self._memory(refusal.status, executed=False) if keep else None
        return Decision(refusal, Effects(writes=writes, remember=kept), self.checks)

    def replay(self, original: Remembered) -> Decision:
        """Replay the first answer (idempotency.replay-changes-nothing)."""
        self.checks.append(Check("idempotency.replays-original", "replayed", {}))
        name = key_name(self.request, self.readings)
        kept = renewed(name, original, self.now, self.readings)
        return Decision(replay(original, self.readings), Effects(remember=kept), self.checks)

    def _memory(self, status: int, *, executed: bool) -> Remember | None:
        if not is_remembered(status, self.readings, executed=executed):
            return None
        return remember(self.request, self.readings, self.now)
