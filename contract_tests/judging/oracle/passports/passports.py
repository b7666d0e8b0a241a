"""Pairs of GTIN and serial number: which exist, which may exist, and which answers contradict that.

A pair exists from the call that was answered `created`. It may exist after a call with an unknown effect, and it may be
free again after a delete (reading items.pair-after-removal).
"""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from ....model.history import ClockMoved, Exchange, Given, History
from ..answers.refused_batches import (
    Sizes,
    is_puzzling,
    refused_for_items,
)
from ..calls.calls import (
    Call,
    Entry,
    Outcome,
    deleted_id,
    is_single_create,
)
from ..calls.items import SAME_SERIAL, Item, Pair, item_of, loosest
from ..calls.notes import Notes
from ..calls.roles import WRONG, Role
from ..keys.retries import check_retry
from .ids import Identities
from .reads import Reads, observe_page
from .unexplained_failures import Attempt, Puzzle, solve

CHECK = "oracle.pairs"
UNIQUE = "items.serial-unique-per-gtin"


@dataclass
class Workspace:
    """What is known of the pairs of one workspace. Numbers are those of exchanges."""

    exists: dict[Pair, int] = field(default_factory=dict)
    maybe: set[Pair] = field(default_factory=set)
    by_spelling: dict[str, dict[Pair, Pair]] = field(default_factory=lambda: {name: {} for name in SAME_SERIAL})
    perhaps: dict[Pair, set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )  # by loosest spelling: the calls that may have created it
    products: set[str] = field(default_factory=set)  # known to exist
    gtins: set[str] = field(default_factory=set)  # known to be accepted
    attempts: dict[Pair, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    puzzles: list[Puzzle] = field(default_factory=list)
    takes_any_text: bool = False  # as a serial number: one with spaces or beyond ASCII was created
    sizes: Sizes = field(default_factory=Sizes)
    keys_elsewhere: set[str] = field(default_factory=set)  # of calls that are no batches
    epoch: int = 0  # increases when the workspace may have changed in ways that the history does not show


class Pairs:
    """Judges a history, call by call."""

    def __init__(self, history: History, calls: Mapping[int, Call], roles: Mapping[int, Role], notes: Notes) -> None:
        self._history, self._calls, self._roles, self._notes = history, calls, roles, notes
        self._workspaces = {event.workspace: Workspace() for event in history.events if event.workspace is not None}
        self._identities = Identities(notes, roles)
        self._reads = Reads(self._identities, notes)

    def check(self) -> None:
        for event in self._history.events:
            self._notes.go_on()
            match event:
                case Given():
                    self._given(event)
                case ClockMoved():
                    self._workspaces[event.workspace].epoch += 1
                case Exchange() if event.number in self._calls:
                    self._call(self._calls[event.number])
                case Exchange():
                    self._other(event)
        for workspace in self._workspaces.values():
            solve(workspace.puzzles, workspace.attempts, workspace.products, workspace.gtins, self._notes)
            workspace.sizes.judge(self._notes)
        self._reads.finish()

    def _given(self, given: Given) -> None:
        workspace = self._workspaces[given.workspace]
        workspace.epoch += 1
        workspace.products |= {given.product_id} if given.product_id else set()
        workspace.gtins |= {given.gtin.zfill(14)} if given.gtin else set()

    def _call(self, call: Call) -> None:
        if call.outcome is Outcome.NEVER:
            return
        if call.workspace is None:
            for workspace in self._workspaces.values():  # the deployment may have taken it for any of them
                self._attempted(call, workspace, perhaps=call.outcome is not Outcome.REFUSED)
            return
        workspace, role = self._workspaces[call.workspace], self._roles[call.number]
        self._attempted(call, workspace, perhaps=call.outcome is Outcome.MAYBE or role in WRONG)
        of_another_call = call.key in workspace.keys_elsewhere  # idempotency.key-identity=workspace
        if not of_another_call and is_puzzling(call, role, workspace.products, workspace.gtins):
            self._refused_whole(call, workspace)
        if call.outcome is Outcome.EXECUTED:
            if role is Role.OWN:
                workspace.sizes.executed(call, self._notes)
            if role not in (Role.REPLAY, Role.STALE):
                self._executed(call, workspace, role)
            self._identities.take(call)

    def _refused_whole(self, call: Call, workspace: Workspace) -> None:
        pairs = [item.pair for item in call.items if item.pair]
        known = [pair for pair in pairs if pair in workspace.exists and pair not in workspace.maybe]
        if known:
            refused_for_items(call, known, self._notes)
        elif not any(loosest(pair) in workspace.perhaps for pair in pairs):
            workspace.sizes.refused.append(call)

    def _attempted(self, call: Call, workspace: Workspace, *, perhaps: bool) -> None:
        for pair in {item.pair for item in call.items if item.pair}:
            workspace.attempts[pair].append(Attempt(call, workspace.epoch))
            if perhaps:
                workspace.maybe.add(pair)
                workspace.perhaps[loosest(pair)].add(call.number)

    def _executed(self, call: Call, workspace: Workspace, role: Role) -> None:
        created = {index: entry for index, entry in call.entries.items() if entry.created}
        mine: dict[Pair, int] = {}
        for index, entry in created.items():
            item = call.items[index]
            if item.pair is not None:
                self._created(call, workspace, item, entry, mine)
        if role is Role.UNCLEAR:
            self._retried(call, workspace)
        if role is not Role.OWN:
            return
        for index, entry in call.entries.items():
            pair = call.items[index].pair
            if not entry.created and pair is not None:
                self._failed(call, workspace, index, pair, mine)
        if created and len(created) < len(call.entries):
            self._notes.conforms("items.fail-independently", CHECK, call.number)
        self._observe_duplicates(call, mine)

    def _created(self, call: Call, workspace: Workspace, item: Item, entry: Entry, mine: dict[Pair, int]) -> None:
        pair = item.pair
        assert pair is not None
        first = workspace.exists.get(pair)
        trusted = self._roles[call.number] not in WRONG
        if (
            first is not None
            and trusted
            and pair not in workspace.maybe
            and not self._identities.knows(entry.passport_id)
        ):
            because = "one pair of GTIN and serial number was created twice"
            self._notes.violates(UNIQUE, CHECK, because, [first, call.number], actual=f"{pair[0]}, {pair[1]}")
        elif trusted:
            self._other_spellings(call, workspace, pair)
        mine.setdefault(pair, call.number)
        workspace.exists[pair] = call.number
        workspace.perhaps[loosest(pair)].add(call.number)
        if trusted:
            workspace.maybe.discard(pair)
        for name, normal in SAME_SERIAL.items():
            workspace.by_spelling[name][pair[0], normal(pair[1])] = pair
        workspace.gtins.add(pair[0])
        workspace.takes_any_text = workspace.takes_any_text or not pair[1].isascii() or pair[1] != pair[1].strip()
        if item.product_id:
            workspace.products.add(item.product_id)

    def _other_spellings(self, call: Call, workspace: Workspace, pair: Pair) -> None:
        """Reading items.serial-equality: two created serial numbers are not equal."""
        for name, normal in SAME_SERIAL.items():
            other = workspace.by_spelling[name].get((pair[0], normal(pair[1])))
            if other is not None and other != pair and other not in workspace.maybe and other in workspace.exists:
                witnesses = [workspace.exists[other], call.number]
                self._notes.observe("items.serial-equality", SAME_SERIAL.keys() - {name}, witnesses)

    def _failed(self, call: Call, workspace: Workspace, index: int, pair: Pair, mine: Mapping[Pair, int]) -> None:
        if pair in workspace.exists and pair not in mine and pair not in workspace.maybe:
            self._notes.conforms(UNIQUE, CHECK, [workspace.exists[pair], call.number])
            return
        if pair in workspace.exists or pair in workspace.maybe:
            return
        alike = {
            name for name, normal in SAME_SERIAL.items() if (pair[0], normal(pair[1])) in workspace.by_spelling[name]
        }
        item = call.items[index]
        fresh = self._fresh(pair)
        if call.is_sound_item(item) and loosest(pair) not in workspace.perhaps:
            workspace.puzzles.append(Puzzle(call, index, item, workspace.epoch, fresh))
        elif (
            alike
            and (call.is_sound_item(item) or workspace.takes_any_text)
            and fresh
            and item.product_id in workspace.products
            and pair[0] in workspace.gtins
        ):
            self._notes.observe("items.serial-equality", alike, call.number)

    def _retried(self, call: Call, workspace: Workspace) -> None:
        makers: dict[int, Set[int]] = {}
        for index, item in enumerate(call.items):
            good = item.product_id in workspace.products and item.pair is not None and item.pair[0] in workspace.gtins
            if item.pair is not None and good and call.is_sound_item(item) and self._fresh(item.pair):
                makers[index] = workspace.perhaps.get(loosest(item.pair), frozenset())
        check_retry(call, self._calls, makers, self._notes)

    def _fresh(self, pair: Pair) -> bool:
        """Whether the serial number belongs to this run, so that nobody else used it before."""
        return bool(self._history.run) and self._history.run.casefold() in pair[1].casefold()

    def _observe_duplicates(self, call: Call, mine: Mapping[Pair, int]) -> None:
        positions: dict[Pair, list[int]] = defaultdict(list)
        for index, item in enumerate(call.items):
            if item.pair in mine and item.pair is not None and call.is_sound_item(item):
                positions[item.pair].append(index)
        for indexes in positions.values():
            winners = [index for index in indexes if index in call.entries and call.entries[index].created]
            products = {call.items[index].product_id for index in indexes}
            if len(indexes) > 1 and len(winners) == len(products) == 1:
                self._notes.conforms(UNIQUE, CHECK, call.number)
                wins = {indexes[0]: "first-wins", indexes[-1]: "last-wins"}
                self._notes.observe("items.duplicate-in-batch", [wins.get(winners[0], "")], call.number)

    def _other(self, exchange: Exchange) -> None:
        """A call of another endpoint."""
        if exchange.workspace is None:
            return
        workspace = self._workspaces[exchange.workspace]
        if exchange.idempotency_key is not None:
            workspace.keys_elsewhere.add(exchange.idempotency_key)
        self._reads.look(exchange)
        observe_page(exchange, self._notes)
        if is_single_create(exchange):
            pair = item_of(exchange.sent_json).pair
            if pair is not None and (exchange.status is None or exchange.status < 400 or exchange.status >= 500):
                workspace.maybe.add(pair)
                workspace.perhaps[loosest(pair)].add(exchange.number)
        freed = deleted_id(exchange)
        if freed is not None:
            workspace.epoch += 1
            self._identities.deleted.add(freed)
            workspace.maybe |= set(self._identities.pairs_of(freed))
