"""How every write goes: its key, its price, then what it does, all in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tracepass_contract.contract_tests.tests.independent.server.allowance import Allowance
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Call, Refused
from tracepass_contract.contract_tests.tests.independent.server.plans import Choices, Space
from tracepass_contract.contract_tests.tests.independent.server.replays import Replays
from tracepass_contract.contract_tests.tests.independent.server.rows import Rows


@dataclass(frozen=True, slots=True)
class Caller:
    """A call, and who calls."""

    call: Call
    space: Space
    key: str

    @property
    def now(self) -> datetime:
        return self.call.at


@dataclass(frozen=True, slots=True)
class Write:
    """What a call wants. `do` raises `Refused`, and all that it did is undone then."""

    writes: int
    do: Callable[[], Answered]
    kind: str = ""


class Writes:
    def __init__(self, rows: Rows, allowance: Allowance, replays: Replays, choices: Choices) -> None:
        self.rows = rows
        self.allowance = allowance
        self.replays = replays
        self.choices = choices

    def perform(self, caller: Caller, examine: Callable[[], Write]) -> Answered:
        """`examine` looks at the shape of the call and raises `Refused` where it is wrong."""
        name = self.replays.key_of(caller.call)
        try:
            write: Write | Refused = examine()
        except Refused as refused:
            write = refused
        with self.rows.transaction():
            return self.once(caller, name, write)

    def once(self, caller: Caller, name: str | None, write: Write | Refused) -> Answered:
        """Under one key only the first call does anything. A call of the wrong shape is refused before that."""
        if name is not None and isinstance(write, Write):
            try:
                kept = self.replays.find(caller.space, name, caller.call)
            except Refused as refused:
                return refused.answer
            if kept is not None:
                return self.again(caller, write, kept)
        answer = write.answer if isinstance(write, Refused) else self.paid(caller, write)
        if name is not None:
            self.replays.keep(caller.space, name, caller.call, answer)
        return answer

    def again(self, caller: Caller, write: Write, kept: Answered) -> Answered:
        if self.choices.replays_need_budget:
            try:
                self.allowance.check_writes(caller.space, caller.key, write.writes, caller.now)
            except Refused as refused:
                return refused.answer
        return kept

    def paid(self, caller: Caller, write: Write) -> Answered:
        space, key, now = caller.space, caller.key, caller.now
        try:
            with self.rows.part():
                self.allowance.check_writes(space, key, write.writes, now)
                answer = write.do()
                self.allowance.take_writes(space, key, self.price(write), now)
        except Refused as refused:
            if refused.answer.status == 402 and self.choices.refused_by_quota_takes_writes:
                self.allowance.take_writes(space, key, write.writes, now)
            return refused.answer
        return answer

    def price(self, write: Write) -> int:
        return write.writes
