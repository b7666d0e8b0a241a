"""The budget and the quota of one workspace over time: what was known, what calls took, when they renewed."""

from collections.abc import Iterator, Mapping, Sequence

from ....model.gateways import not_of_the_api
from ....model.history import ClockMoved, Event, Exchange, Given, History, Lost
from ..answers.appearance import FOR_SHAPE
from ..calls.calls import Call, Outcome, deleted_id, is_single_create, writes_asked
from ..calls.consent import consents, says_anything
from ..calls.items import Pair, item_of
from ..calls.roles import WRONG, Role
from .days import Days, Entry, Moved, SlotsOpen, Start
from .demands import UNKNOWN, Demand, Kind

NOT_SERVED = (405, 501)  # the operation does not exist, so it takes no more than a refused shape


class Timeline:
    """Made event by event. `exclusive`: only the calls of the history changed budget and quota."""

    def __init__(self, workspace: str, roles: Mapping[int, Role]) -> None:
        self.workspace = workspace
        self.entries: list[Entry] = [Start(UNKNOWN)]
        self.exclusive = False
        self.overage_supported: bool | None = None
        self.undisclosed: list[int] = []  # a 402 that consent would avoid, without `overage_required`
        self._roles = roles
        self._days = Days()
        self._is_given = False
        self._first_key: str | None = None
        self._consented = self._pays = False
        self._known: set[Pair] = set()  # created for certain

    def given(self, given: Given) -> None:
        self.exclusive = given.exclusive and (self.exclusive or not self._is_given)
        self._is_given = True
        self.overage_supported = given.overage_supported
        self._pays = False
        self.entries.append(self._days.given(given))

    def clock_moved(self) -> None:
        self._days.clock_is_ours = True
        self.entries.append(Moved())

    def call(self, call: Call) -> None:
        if call.outcome is Outcome.NEVER:
            return
        if call.workspace != self.workspace:
            self._of_another(call)
            return
        demand = self._demand(call)
        if (
            demand.kind is Kind.UNPAID
            and call.status == 402
            and self._pays
            and self.overage_supported
            and not demand.says
        ):
            self.undisclosed.append(call.number)
        self._append(call.exchange, demand)
        if call.outcome is Outcome.EXECUTED and self._roles[call.number] not in WRONG:
            self._known |= {pair for index in call.created if (pair := call.items[index].pair)}

    def other(self, exchange: Exchange) -> None:
        """A call of another endpoint of the workspace."""
        if exchange.lost is Lost.NEVER_SENT or exchange.method.upper() in ("GET", "HEAD", "OPTIONS"):
            return
        if is_single_create(exchange):
            self._append(exchange, self._single(exchange))
        else:
            kind = Kind.UNREAD if exchange.status in NOT_SERVED else Kind.MAYBE
            self._append(exchange, Demand(kind, writes_asked(exchange), number=exchange.number))
        if deleted_id(exchange) is not None:
            self._known.clear()
            self.entries.append(SlotsOpen(1))

    def _of_another(self, call: Call) -> None:
        size = len(call.items)
        if call.workspace is None:
            kind = Kind.NO_VALID_KEY if call.outcome is Outcome.REFUSED else Kind.MAYBE
            self.entries.append(Demand(kind, size, number=call.number))
        elif call.outcome is Outcome.EXECUTED and self._is_given:
            self.entries.append(Demand(Kind.FOREIGN, size, number=call.number))

    def _demand(self, call: Call) -> Demand:
        says = [item.says for item in call.items]
        body_sent = call.body_sent.get("confirmOverage")
        pairs = {item.pair for item in call.items if item.pair} - self._known
        kind, size = self._kind(call), len(call.items)
        if kind in (Kind.VOID, Kind.UNREAD, Kind.MAYBE, Kind.OVER_BUDGET):
            size = max(size, 1)  # even an unreadable call may take a write, or be one too many
        return Demand(
            kind,
            size,
            len(call.created),
            len(pairs),
            consents(body_sent, says),
            says_anything(body_sent, says),
            race=call.race,
            number=call.number,
        )

    def _kind(self, call: Call) -> Kind:
        role, status = self._roles[call.number], call.status
        if status == 401:
            return Kind.NO_VALID_KEY
        if call.outcome is Outcome.MAYBE or role in WRONG:
            return Kind.MAYBE
        if role is Role.REFUSED_BY_KEY and not call.is_sound:
            return Kind.UNREAD
        if role is Role.REFUSED_BY_KEY:
            return Kind.REUSED
        if role is Role.REPLAY:
            return Kind.REPLAY
        if role is not Role.OWN:
            return Kind.VOID if call.outcome is Outcome.REFUSED else Kind.MAYBE
        if call.outcome is Outcome.EXECUTED:
            return Kind.ADMITTED
        return _kind_of_refusal(call)

    def _single(self, exchange: Exchange) -> Demand:
        pair = item_of(exchange.sent_json).pair
        sent = exchange.sent_json if isinstance(exchange.sent_json, dict) else {}
        says = sent.get("confirmOverage")
        kind = {402: Kind.UNPAID, 429: Kind.OVER_BUDGET, 401: Kind.NO_VALID_KEY}.get(exchange.status or 0, Kind.MAYBE)
        if not_of_the_api(exchange):
            kind = Kind.MAYBE
        created = exchange.succeeded and exchange.lost is None
        if created and exchange.idempotency_key is None:
            kind = Kind.WRITE
            self._known |= {pair} if pair else set()
        return Demand(
            kind,
            1,
            int(created),
            1,
            consents(says, []),
            says is not None,
            race=exchange.parallel,
            number=exchange.number,
        )

    def _append(self, exchange: Exchange, demand: Demand) -> None:
        before, behind = self._days.before(exchange)
        self.entries += before
        if self._first_key is None:
            self._first_key = exchange.credential
        second = exchange.credential != self._first_key
        self.entries.append(demand._replace(second_key=second, after_consent=self._consented, pays=self._pays))
        self._pays = self._pays or demand.kind is Kind.ADMITTED
        self._consented = self._consented or bool(demand.consents)
        self.entries += behind


def _kind_of_refusal(call: Call) -> Kind:
    """Of a refusal that is not about its key."""
    if call.status in (402, 403):
        return Kind.OVER_QUOTA if call.asks_for_consent else Kind.UNPAID
    if call.status == 429:
        return Kind.VOID if call.exchange.meets_another_limit else Kind.OVER_BUDGET
    if call.is_sound or says_anything(call.body_sent.get("confirmOverage"), [item.says for item in call.items]):
        return Kind.VOID
    if not call.says_json:
        return Kind.UNREAD
    return Kind.SHAPE if call.status in FOR_SHAPE else Kind.VOID


def timelines(history: History, calls: Mapping[int, Call], roles: Mapping[int, Role]) -> Sequence[Timeline]:
    """The timeline of each workspace in the history, from its first event to its last."""
    spans: dict[str, tuple[int, int]] = {}
    for position, event in enumerate(history.events):
        if event.workspace is not None:
            first, _ = spans.get(event.workspace, (position, position))
            spans[event.workspace] = first, position
    return [_timeline(name, history.events[first : last + 1], calls, roles) for name, (first, last) in spans.items()]


def _timeline(name: str, events: Sequence[Event], calls: Mapping[int, Call], roles: Mapping[int, Role]) -> Timeline:
    timeline = Timeline(name, roles)
    for event in events:
        match event:
            case Given() if event.workspace == name:
                timeline.given(event)
            case ClockMoved() if event.workspace == name:
                timeline.clock_moved()
            case Exchange() if event.number in calls:
                timeline.call(calls[event.number])
            case Exchange() if event.workspace == name:
                timeline.other(event)
    return timeline


def demands(entries: Sequence[Entry]) -> Iterator[Demand]:
    return (entry for entry in entries if isinstance(entry, Demand))
