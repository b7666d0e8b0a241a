"""What was answered under an Idempotency-Key: the key and the workspace name it, for 24 hours."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import orjson

from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Call, Refused
from tracepass_contract.contract_tests.tests.independent.server.plans import Choices, Space
from tracepass_contract.contract_tests.tests.independent.server.rows import Rows

ANOTHER_BODY = (
    "Idempotency-Key has already been used with a different request body."
    " Use a new key for the new request, or reuse the original body."
)
_LONGEST = 255
_KEPT = timedelta(hours=24)


class Replays:
    def __init__(self, rows: Rows, choices: Choices) -> None:
        self.rows = rows
        self.choices = choices

    def key_of(self, call: Call) -> str | None:
        """Raises `Refused`."""
        key = call.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= _LONGEST:
            raise Refused(400, "an Idempotency-Key has 1 to 255 characters")
        return key

    def owner(self, space: Space) -> str:
        return space.name

    def digest(self, call: Call) -> str:
        """The raw bytes count, and where they were sent."""
        where = f"{call.method} {'/'.join(call.segments)}\n".encode()
        return hashlib.sha256(where + self.compared(call)).hexdigest()

    def compared(self, call: Call) -> bytes:
        return call.body

    def is_over(self, first: datetime, now: datetime) -> bool:
        return now - first >= _KEPT

    def find(self, space: Space, key: str, call: Call) -> Answered | None:
        """The answer that was kept. Raises `Refused` where the body is another one."""
        sql = "SELECT digest, status, body, at FROM replays WHERE owner = ? AND name = ?"
        row = self.rows.one(sql, self.owner(space), key)
        if row is None:
            return None
        digest, status, body, at = row
        if self.is_over(datetime.fromisoformat(at), call.at):
            self.rows.write("DELETE FROM replays WHERE owner = ? AND name = ?", self.owner(space), key)
            return None
        if digest != self.digest(call):
            raise Refused(422, ANOTHER_BODY)
        content = self.replayed(orjson.loads(body))
        return Answered(status, content, {"Idempotent-Replayed": "true"})

    def replayed(self, content: Any) -> Any:
        """Equal JSON, in other bytes."""
        return dict(reversed(content.items())) if isinstance(content, dict) else content

    def keep(self, space: Space, key: str, call: Call, answer: Answered) -> None:
        if answer.status == 429 or (answer.status >= 400 and not self.choices.remembers_refusals):
            return
        self.rows.write(
            "INSERT OR IGNORE INTO replays VALUES (?, ?, ?, ?, ?, ?)",
            self.owner(space),
            key,
            self.digest(call),
            answer.status,
            orjson.dumps(answer.body).decode(),
            call.at.isoformat(),
        )
