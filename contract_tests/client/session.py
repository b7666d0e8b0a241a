"""What the calls of a run share: connection, history, spend, serial numbers, remaining time."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from os.path import commonprefix
from threading import Barrier, Lock

from ..model import clock
from ..model.history import Event, Exchange, History, Lost
from ..model.operations import Standing, operation_of
from ..model.outcomes import Inconclusive
from ..model.redaction import spellings
from .connection import Answer, Wire
from .spend import Purse

_REDACTED = "[redacted]"
_BYTES_MAX = 256 * 1024 * 1024  # of all answers; they are kept in memory


@dataclass(frozen=True, slots=True)
class Credential:
    """A key and the suite's name for it. Only the name is recorded. A None key sends no Authorization."""

    name: str
    workspace: str | None = None
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call before it is sent. `headers` are without the credential."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    purpose: str = ""
    parallel: str | None = None


class Session:
    """One run against one target. Every call goes through `send` once, and is in the history afterwards.

    `is_provisioned`: the run has isolated workspaces, so it may change things that can't be undone. `standings` are of
    the operations that the deployment is known to serve.
    """

    def __init__(
        self,
        base_url: str,
        purse: Purse,
        *,
        call_seconds: float,
        time_limit_seconds: float,
        is_provisioned: bool = False,
        seconds_to_clean_up: float = 0,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.run = clock.new_run()
        self.purse = purse
        self.is_provisioned = is_provisioned
        self.events: list[Event] = []
        self.offsets: dict[str, timedelta] = {}  # by how much the clock of a workspace was moved
        self.notes: list[str] = []
        self.standings: dict[str, Standing] = {}
        self.purpose = ""
        self._call_seconds = call_seconds
        self._until = clock.monotonic() + time_limit_seconds - seconds_to_clean_up
        self._seconds_to_clean_up = seconds_to_clean_up
        self._seconds_to_judge = 2 + time_limit_seconds / 20  # after the last call
        self._bytes_answered = 0
        self._wire = Wire(self.base_url)
        self._serials: Iterator[int] = count(1)
        self._numbers: Iterator[int] = count(1)
        self._secrets: list[str] = []
        self._hidden: list[str] = []  # longest first
        self._begin = ""  # the common prefix of all hidden texts
        self._lock = Lock()

    def with_own_history(self) -> "Session":
        """The same run with a history of its own, for calls that are not all reported. Numbers continue."""
        other = copy(self)
        other.events = []
        return other

    def standing_of(self, exchange: Exchange) -> Standing:
        """How well it was known before a call that its operation is served. A success makes it known from then on."""
        operation = operation_of(exchange.method, exchange.path)
        if operation is None:
            return Standing.UNKNOWN
        before = self.standings.get(operation, Standing.UNKNOWN)
        if exchange.succeeded:
            self.standings[operation] = max(before, Standing.SERVED)
        return before

    @property
    def secrets(self) -> Sequence[str]:
        """The texts that no report may show."""
        return tuple(self._secrets)

    @property
    def history(self) -> History:
        return History(self.base_url, self.run, tuple(self.events))

    @property
    def seconds_left(self) -> float:
        return self._until - clock.monotonic()

    def begin_clean_up(self) -> None:
        """From now on calls may take the time and the writes that were reserved for the clean-up."""
        self.purpose = "clean-up"
        self.purse.begin_clean_up()
        self._until += self._seconds_to_clean_up
        self._seconds_to_clean_up = 0

    def is_time_to_report(self) -> bool:
        """Whether the judges must end, so that the run ends soon after its time limit."""
        return self.seconds_left < -self._seconds_to_judge

    def serial(self) -> str:
        """A new serial number in the alphabet that every deployment must accept."""
        with self._lock:
            return f"CONF-{self.run}-{next(self._serials):06d}"

    def keep_secret(self, key: str) -> None:
        """Redact this text from now on, even in answers. For the key of a given workspace, redact its other spellings,
        too.
        """
        self._secrets.append(key)
        hidden = {*self._hidden, *([key] if self.is_provisioned else spellings(key))}
        self._hidden = sorted(hidden, key=len, reverse=True)
        self._begin = commonprefix(self._hidden)  # noqa: RUF071  these are texts, not paths

    def now(self, workspace: str | None) -> datetime:
        """The time in a workspace, as far as the suite knows."""
        return clock.utc_now() + self.offsets.get(workspace or "", timedelta())

    def another_wire(self, race: Barrier | None = None) -> Wire:
        return Wire(self.base_url, race=race)

    def disconnecting_wire(self) -> Wire:
        """A connection that sends a request and disconnects before an answer."""
        return Wire(self.base_url, read_seconds=0)

    def send(self, call: Outgoing, credential: Credential, wire: Wire | None = None) -> Exchange:
        """Send a call whose price is reserved. Raises `Inconclusive` where the time of the run is over."""
        if self.seconds_left <= 0:
            raise Inconclusive("the time limit of the run is over (--time-limit)")
        if self._bytes_answered > _BYTES_MAX:
            raise Inconclusive(f"the answers of the run have more than {_BYTES_MAX:,} bytes")
        with self._lock:
            number = next(self._numbers)
        headers = dict(call.headers)
        if credential.key is not None:
            headers["Authorization"] = f"Bearer {credential.key}"
        sent_at = self.now(credential.workspace)
        seconds = min(self._call_seconds, self.seconds_left)
        answer = Answer(lost=Lost.CONNECTION, detail="the call did not end")
        try:
            answer = (wire or self._wire).send(call.method, call.path, headers, call.body, seconds)
        finally:  # a call that a person interrupts may have been executed, so it is recorded, too
            exchange = replace(self._exchange(number, call, credential, answer), sent_at=sent_at)
            with self._lock:
                self._bytes_answered += len(answer.body)
                self.events.append(exchange)
        return exchange

    def close(self) -> None:
        self._wire.close()

    def _exchange(self, number: int, call: Outgoing, credential: Credential, answer: Answer) -> Exchange:
        now = self.now(credential.workspace)
        return Exchange(
            number=number,
            workspace=credential.workspace,
            credential=credential.name,
            method=call.method,
            path=call.path,
            sent_at=now,
            headers={name: self._redacted(value) for name, value in call.headers.items()},
            body=call.body,
            answered_at=None if answer.lost else now,
            status=answer.status,
            answer_headers={name: self._redacted(value) for name, value in answer.headers.items()},
            answer=self._redacted_bytes(answer.body),
            lost=answer.lost,
            detail=self._redacted(answer.detail),
            parallel=call.parallel,
            purpose=call.purpose or self.purpose,
        )

    def _redacted(self, text: str) -> str:
        if self._begin not in text:
            return text  # fast: most texts have no secret
        for secret in self._hidden:
            text = text.replace(secret, _REDACTED)
        return text

    def _redacted_bytes(self, content: bytes) -> bytes:
        if self._begin.encode() not in content:
            return content
        for secret in self._hidden:
            content = content.replace(secret.encode(), _REDACTED.encode())
        return content
