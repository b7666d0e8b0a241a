"""What a page shows first: all workspaces, and the sentences of the rules and readings."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from tracepass_contract.spec import readings, rules

from ...state import State, Workspace
from ..call.exchange import Call, Reply
from ..call.problems import FOUND_LENGTH_MAX
from . import clock, workspace
from .guard import PROBLEM_JSON, problem_json

LIMIT, LIMIT_MAX = 100, 500
Json = dict[str, Any]


class Overview:
    """Lists the workspaces. `about` has a sentence for each seeded account."""

    def __init__(self, state: State, about: Mapping[str, str]) -> None:
        self._state = state
        self._about = about

    def workspaces(self, call: Call) -> Reply:
        """A page of the workspaces, oldest first."""
        query, known = dict(call.query), self._state.workspaces
        limit, after = query.get("limit", str(LIMIT)), query.get("after")
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:4]) <= LIMIT_MAX and len(limit) <= 3):
            return _refused(400, f'limit: expected a number from 1 to {LIMIT_MAX}, found "{limit[:FOUND_LENGTH_MAX]}"')
        if after is not None and after not in known:
            return _refused(404, f'after: unknown workspace "{after[:FOUND_LENGTH_MAX]}"')
        ids = list(known)
        first = 0 if after is None else ids.index(after) + 1
        shown = ids[first : first + int(limit)]
        keys: dict[str, list[str]] = {each: [] for each in shown}
        for api_key, owner in self._state.api_keys():
            if owner.id in keys:
                keys[owner.id].append(api_key)
        listed = [self._summary(known[each], keys[each]) for each in shown]
        return _json({"workspaces": listed, "total": len(ids), "more": first + len(shown) < len(ids)})

    def catalogue(self, _call: Call) -> Reply:
        """The rules and the readings."""
        return _catalogue()

    def _summary(self, owner: Workspace, api_keys: list[str]) -> Json:
        faults = owner.faults.planned
        return {
            **workspace.balances(owner, self._state.view(owner, owner.clock.now()).account),
            "about": self._about.get(owner.id),
            "api_keys": api_keys,
            "clock": clock.shown(owner),
            "journal": {"entries": owner.journal.count, "forgotten": owner.journal.numbers_given - owner.journal.count},
            "faults": {"planned": len(faults), "consumed": sum(each.consumed for each in faults)},
        }


@cache
def _catalogue() -> Reply:
    """The sentences do not change while the mock runs."""
    listed = [
        {
            "id": each.id,
            "number": each.number,
            "question": each.question,
            "answers": [
                {"id": answer.id, "means": answer.means, "contradicts": answer.contradicts}
                for answer in each.answers.values()
            ],
            "default": each.default,
            "settable": each.settable,
            **{name: getattr(each, name) for name in ("reason", "evidence", "advice", "observe")},
        }
        for each in readings().values()
    ]
    sentences = [
        {"id": rule.id, "sentence": rule.sentence, "level": rule.level, "source": rule.source}
        for rule in rules().values()
    ]
    return _json({"rules": sentences, "readings": listed})


def _json(value: object) -> Reply:
    return Reply(200, (), orjson.dumps(value))


def _refused(status: int, detail: str) -> Reply:
    return Reply(status, (), problem_json(status, detail), PROBLEM_JSON.encode())
