"""What the calls of a run share: connection, history, spend, serial numbers, remaining time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from os.path import commonprefix
from threading import Barrier, Lock

from ..model import clock
from ..model.gateways import seconds_to_wait
from ..model.history import Event, Exchange, History, Lost
from ..model.operations import Standing, operation_of
from ..model.outcomes import Inconclusive
from ..model.redaction import REDACTED, Redactor
from .access import ANYWHERE, Access, Pace
from .connection import Answer, Wire
from .spend import Purse

_TRIES = 3  # of a call that was certainly not executed
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
        access: Access = ANYWHERE,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.run = clock.new_run()
        self.purse = purse
        self.is_provisioned = is_provisioned
        self.events: list[Event] = []
        self._tell: Callable[[Event], None] | None = None
        self.offsets: dict[str, timedelta] = {}  # by how much the clock of a workspace was moved
        self.notes: list[str] = []
        self.standings: dict[str, Standing] = {}
        self.purpose = ""
        self._call_seconds = call_seconds
        self._until = clock.monotonic() + time_limit_seconds
        self._seconds_to_clean_up = 0.0
        self._seconds_to_judge = 2 + time_limit_seconds / 20  # after the last call
        self._bytes_answered = 0
        self._access = access
        self.pace = Pace(access.requests_per_second)
        self._wire = Wire(self.base_url, access=access)
        self._serials: Iterator[int] = count(1)
        self._numbers: Iterator[int] = count(1)
        self._secrets = [*access.secrets]
        self._redactor = Redactor(self._secrets)
        self._own_keys: list[str] = []  # of isolated workspaces, longest first
        self._begin = ""  # of all of them
        self._renewals: dict[str, Callable[[], str]] = {}
        self._renewed: dict[str, str] = {}  # the keys that took the place of others, by the name of the credential
        self._lock = Lock()

    def with_own_history(self) -> "Session":
        """The same run with a history of its own, for calls that are not all reported. Numbers continue."""
        other = copy(self)
        other.events = []
        other._tell = None
        return other

    def record(self, event: Event) -> None:
        """Enter an event into the history."""
        self.events.append(event)
        if self._tell is not None:
            self._tell(event)

    def tell(self, listener: Callable[[Event], None]) -> None:
        """Call this with each event from now on, and with each call that may write before it is sent, too."""
        self._tell = listener

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

    def keep_for_clean_up(self, seconds: float) -> None:
        """The calls before the clean-up end by so much before the time limit."""
        self._until -= seconds
        self._seconds_to_clean_up = seconds

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
        """Redact this text from now on, even in answers. For the key of a given workspace, redact its other forms,
        too.
        """
        self._secrets.append(key)
        if not self.is_provisioned:
            self._redactor = Redactor(self._secrets)
            return
        self._own_keys = sorted({*self._own_keys, key}, key=len, reverse=True)
        self._begin = commonprefix(self._own_keys)  # noqa: RUF071  these are texts, not paths

    def renew_with(self, name: str, new_key: Callable[[], str]) -> None:
        """Ask for a new key where a call with this credential gets 401."""
        self._renewals[name] = new_key

    def now(self, workspace: str | None) -> datetime:
        """The time in a workspace, as far as the suite knows."""
        return clock.utc_now() + self.offsets.get(workspace or "", timedelta())

    def another_wire(self, race: Barrier | None = None) -> Wire:
        """For a call of a race, the rate of the run is kept here, so that the calls can go together."""
        if race is not None:
            self.pace.wait()
        return Wire(self.base_url, access=self._access, race=race)

    def disconnecting_wire(self) -> Wire:
        """A connection that sends a request and disconnects before an answer."""
        return Wire(self.base_url, access=self._access, disconnects=True)

    def send(self, call: Outgoing, credential: Credential, wire: Wire | None = None) -> Exchange:
        """Send a call whose price is reserved. Raises `Inconclusive` where the time of the run is over.

        It is sent again where the answer says that it was not executed: where a gateway asks to wait, and where a key
        expired that can be renewed. Each answer is in the history. Calls of a race are sent once.
        """
        for tries_left in reversed(range(_TRIES)):
            exchange = self._sent_once(call, credential, wire)
            wait = seconds_to_wait(exchange)
            if wait:
                self.pace.pause(min(wait, max(0.0, self.seconds_left)))
            if wire is not None or not tries_left:
                break
            waits = 0 < wait < self.seconds_left and not exchange.may_have_been_executed
            if not waits and not (exchange.status == 401 and self._renew(credential)):
                break
            self.purse.requests += 1
        return exchange

    def _renew(self, credential: Credential) -> bool:
        """Whether there is another key for it now."""
        if (new_key := self._renewals.get(credential.name)) is None:
            return False
        before, key = self._renewed.get(credential.name, credential.key), new_key()
        if key == before:
            return False
        self.keep_secret(key)
        self._renewed[credential.name] = key
        return True

    def _sent_once(self, call: Outgoing, credential: Credential, wire: Wire | None) -> Exchange:
        if wire is None or wire.is_alone:
            self.pace.wait()
        if self.seconds_left <= 0:
            raise Inconclusive("the time limit of the run is over (--time-limit)")
        if self._bytes_answered > _BYTES_MAX:
            raise Inconclusive(f"the answers of the run have more than {_BYTES_MAX:,} bytes")
        with self._lock:
            number = next(self._numbers)
        headers = dict(call.headers)
        if (key := self._renewed.get(credential.name, credential.key)) is not None:
            headers["Authorization"] = f"Bearer {key}"
        sent_at = self.now(credential.workspace)
        seconds = min(self._call_seconds, self.seconds_left)
        answer = Answer(lost=Lost.CONNECTION, detail="the call did not end")
        if self._tell is not None and call.method != "GET":
            with self._lock:
                self._tell(self._exchange(number, call, credential, answer, sent_at))
        try:
            answer = (wire or self._wire).send(call.method, call.path, headers, call.body, seconds)
        finally:  # a call that a person interrupts may have been executed, so it is recorded, too
            exchange = self._exchange(number, call, credential, answer, sent_at)
            with self._lock:
                self._bytes_answered += len(answer.body)
                self.record(exchange)
        return exchange

    def close(self) -> None:
        self._wire.close()

    def _exchange(
        self, number: int, call: Outgoing, credential: Credential, answer: Answer, sent_at: datetime
    ) -> Exchange:
        now = self.now(credential.workspace)
        return Exchange(
            number=number,
            workspace=credential.workspace,
            credential=credential.name,
            method=call.method,
            path=call.path,
            sent_at=sent_at,
            headers={
                **{name: self._redacted(value) for name, value in call.headers.items()},
                **dict.fromkeys(self._access.headers, REDACTED),
            },
            body=call.body,
            answered_at=None if answer.lost else now,
            status=answer.status,
            answer_headers={
                name: REDACTED if name.lower() == "set-cookie" else self._redacted(value)
                for name, value in answer.headers.items()
            },
            answer=self._redacted_bytes(answer.body),
            lost=answer.lost,
            detail=self._redacted(answer.detail),
            parallel=call.parallel,
            purpose=call.purpose or self.purpose,
        )

    def _redacted(self, text: str) -> str:
        if self._own_keys and self._begin in text:  # most texts have no secret
            for secret in self._own_keys:
                text = text.replace(secret, REDACTED)
        return self._redactor.without_given(text)

    def _redacted_bytes(self, content: bytes) -> bytes:
        if self._own_keys and self._begin.encode() in content:
            for secret in self._own_keys:
                content = content.replace(secret.encode(), REDACTED.encode())
        return self._redactor.bytes_without_given(content) if self._redactor.has_given else content
