"""The clean-up of a given workspace: find the passports of a run, delete them, and say why one stays.

It looks for passports that no answer reported: an answer may be lost, and a wrong server may create what it refuses.
Serial numbers that contain the name of the run are the run's own, and no others are touched.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..client.api import Api
from ..client.known_passports import Pair, pair_of
from ..client.reply import Reply
from ..client.single_calls import SINGLE, Item
from ..model.history import BATCH
from ..model.outcomes import Inconclusive, Untested
from ..model.verdicts import LeftOver

_TRIES = 3  # of a deletion without an answer, or with a server error
_PAGES_MAX = 20
_LOOK_UPS_MAX = 100
_SAME_FOR_ALL = frozenset({401, 403, 405, 429, 501})  # a deletion that is refused so says the same of the others
_SHOW_THE_REST = ("GET /passports", "GET /passports/{id}", "DELETE /passports/{id}")
_WORDS = {
    403: "deletion is refused with 403; some plans do not allow it",
    429: "deletion is refused with 429; today's writes may be used up",
}


@dataclass(frozen=True, slots=True)
class CleanedUp:
    """What became of the passports of a run."""

    deleted: int = 0
    left: tuple[LeftOver, ...] = ()
    is_interrupted: bool = False


class CleanUp:
    """Deletes what `run` created in the workspace of these operations. Look-ups go to `reader`."""

    def __init__(self, api: Api, reader: Api, run: str) -> None:
        self._api = api
        self._reader = reader
        self._run = run
        self._deleted = 0
        self._left: list[LeftOver] = []

    def delete_all(self) -> CleanedUp:
        why_not, is_interrupted = "", False
        try:
            self._find()
            for passport_id in list(self._api.pairs.ids):
                why_not = self._delete(passport_id)
                if why_not:
                    break
        except KeyboardInterrupt:
            why_not, is_interrupted = "the clean-up was interrupted", True
        known = {each.passport for each in self._left}
        self._left += [LeftOver(each, why_not) for each in self._api.pairs.ids if each not in known]
        return CleanedUp(self._deleted, tuple(self._left), is_interrupted)

    def _delete(self, passport_id: str) -> str:
        """Delete a passport, or note why it stays. Returns why no other deletion needs to be tried."""
        for _ in range(_TRIES):
            try:
                reply = self._api.delete_passport(passport_id)
            except (Inconclusive, Untested) as error:  # the time or the writes of the run are used up
                return str(error)
            if reply.exchange.succeeded or self._is_gone(passport_id, reply):
                self._api.pairs.delete(passport_id)
                self._deleted += 1
                return ""
            if not reply.exchange.may_have_been_executed:
                break
        said = str(reply.status or "no answer")
        self._left.append(LeftOver(passport_id, said, is_refused=True))
        return (
            _WORDS.get(reply.status or 0, f"deletion is refused with {said}") if reply.status in _SAME_FOR_ALL else ""
        )

    def _is_gone(self, passport_id: str, reply: Reply) -> bool:
        """Whether a passport is not there after a deletion with this answer. A read must have worked before."""
        if reply.status != 404 and not reply.exchange.may_have_been_executed:
            return False
        read = self._read(lambda: self._reader.get_passport(passport_id))
        return read is not None and read.status == 404 and self._has_reads

    @property
    def _has_reads(self) -> bool:
        """Whether a 404 means that there is no such passport, and not that the call is not served."""
        return not self._api.session.standings.keys().isdisjoint(_SHOW_THE_REST)

    def _find(self) -> None:
        """Learn the ids of passports that no answer reported."""
        pairs = self._api.pairs
        unsure = {each for each in self._sent_without_answer() if each not in pairs.ids.values()}
        if not pairs.existing and not pairs.deleted and not unsure:
            return
        for shown in self._listed():
            self._learn(shown)
        for pair in sorted(unsure - set(pairs.ids.values()))[:_LOOK_UPS_MAX]:
            reply = self._read(lambda pair=pair: self._reader.get_by_serial(pair[1], gtin=pair[0]))
            if reply is None or not reply.exchange.succeeded:
                if reply is None or not self._has_reads:  # nothing says that it is not there
                    self._left.append(LeftOver(pair[1], "it may exist: its call had no answer, and it can't be read"))
                continue
            self._learn(reply.shown)

    def _sent_without_answer(self) -> Iterator[Pair]:
        """The own pairs of creates that may have been executed."""
        for call in self._api.session.history.exchanges:
            is_create = call.method == "POST" and call.path in {BATCH, SINGLE}
            if call.workspace == self._api.credential.workspace and is_create and call.may_have_been_executed:
                yield from filter(self._is_own, map(pair_of, _items_of(call.sent_json)))

    def _is_own(self, pair: Pair | None) -> bool:
        return pair is not None and self._run in pair[1]

    def _learn(self, shown: Mapping[str, Any]) -> None:
        if self._is_own(pair_of(shown)) and isinstance(shown.get("_id"), str):
            self._api.learn({"gs1": shown["gs1"]}, shown)

    def _listed(self) -> Iterator[Mapping[str, Any]]:
        """The passports in a list that is searched for the name of the run."""
        for page in range(1, _PAGES_MAX + 1):
            query = {"search": self._run, "limit": str(_LOOK_UPS_MAX), "page": str(page)}
            reply = self._read(lambda query=query: self._reader.list_passports(**query))
            found = objects_in(reply.json) if reply is not None and reply.exchange.succeeded else []
            yield from found
            if len(found) < _LOOK_UPS_MAX:
                return

    @staticmethod
    def _read(ask: Any) -> Reply | None:
        """The answer to a read; None where there is none."""
        try:
            found: Reply = ask()
        except (Inconclusive, Untested):
            return None
        return found


def _items_of(body: Any) -> list[Item]:
    items = body.get("passports", [body]) if isinstance(body, dict) else []
    return items if isinstance(items, list) else []


def objects_in(answer: Any) -> list[Mapping[str, Any]]:
    """The objects of the array in an answer, bare or wrapped in other objects."""
    if isinstance(answer, list):
        return [each for each in answer if isinstance(each, dict)]
    inner = answer.values() if isinstance(answer, dict) else ()
    return next(filter(None, map(objects_in, inner)), [])
