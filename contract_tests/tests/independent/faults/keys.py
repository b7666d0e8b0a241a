"""Wrong idempotency keys."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import orjson

from tracepass_contract.contract_tests.tests.independent.faults.limits import MOMENT
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Call
from tracepass_contract.contract_tests.tests.independent.server.plans import Space
from tracepass_contract.contract_tests.tests.independent.server.replays import Replays
from tracepass_contract.contract_tests.tests.independent.server.writes import Caller, Write, Writes


class ErrorsDropped(Replays):
    """The cache keeps what was created only."""

    def replayed(self, content: Any) -> Any:
        if not isinstance(content, dict) or "results" not in content:
            return content
        return {**content, "results": [each for each in content["results"] if each["status"] == "created"]}


class KeysOfAll(Replays):
    """Keys are scoped over all workspaces."""

    def owner(self, space: Space) -> str:  # noqa: ARG002  named by the base class
        return "all"


class LastItemIgnored(Replays):
    """The hash of a body leaves out the last item."""

    def compared(self, call: Call) -> bytes:
        items = call.document.get("passports")
        return super().compared(call) if not isinstance(items, list) else orjson.dumps(items[:-1])


class ForgottenAtMidnight(Replays):
    def is_over(self, first: datetime, now: datetime) -> bool:
        return first.date() != now.date()


class KeptForever(Replays):
    def is_over(self, first: datetime, now: datetime) -> bool:
        return now - first > timedelta(days=3650)


class KeyOfBody(Replays):
    """A call without a key gets the hash of its body for a key."""

    def key_of(self, call: Call) -> str | None:
        return super().key_of(call) or self.digest(call)


class ChargedReplays(Writes):
    """A replay takes its writes again."""

    def again(self, caller: Caller, write: Write, kept: Answered) -> Answered:
        self.allowance.take_writes(caller.space, caller.key, write.writes, caller.now)
        return super().again(caller, write, kept)


class KeyBeforeCommit(Writes):
    """The key is stored with an empty answer, which is filled in when the call is done."""

    def perform(self, caller: Caller, examine: Callable[[], Write]) -> Answered:
        name = self.replays.key_of(caller.call)
        if name is None or caller.call.segments[-1] != "batch":
            return super().perform(caller, examine)
        write, space = examine(), caller.space
        with self.rows.transaction():
            if kept := self.replays.find(space, name, caller.call):
                return kept
            empty = {"results": [], "summary": {"created": 0, "errors": 0, "total": 0}}
            self.replays.keep(space, name, caller.call, Answered(201, empty))
        Event().wait(MOMENT)
        with self.rows.transaction():
            answer = self.paid(caller, write)
            self.rows.write("DELETE FROM replays WHERE owner = ? AND name = ?", self.replays.owner(space), name)
            self.replays.keep(space, name, caller.call, answer)
        return answer
