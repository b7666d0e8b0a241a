"""An answer as a test sees it: the parts that the contract names, and nothing else."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import inf
from typing import Any

from ..model.gateways import not_of_the_api
from ..model.history import Exchange
from ..model.operations import Standing
from ..model.outcomes import Inconclusive


class Reply:
    """The answer to one call. Members that are missing or of a wrong type are empty here.

    `standing` says how well it was known, when the call was sent, that the deployment serves its operation.
    """

    def __init__(self, exchange: Exchange, standing: Standing = Standing.UNKNOWN) -> None:
        self.exchange = exchange
        self.standing = standing

    def __repr__(self) -> str:
        return f"<Reply #{self.number} {self.described}>"

    @property
    def number(self) -> int:
        return self.exchange.number

    @property
    def status(self) -> int | None:
        return self.exchange.status

    @property
    def json(self) -> Any:
        return self.exchange.answer_json

    @property
    def described(self) -> str:
        """The answer in a few words, for a failure."""
        if self.exchange.lost is not None:
            return f"no answer ({self.exchange.lost}: {self.exchange.detail})"
        if self.is_result:
            return f"{self.status} with {', '.join(self.outcomes) or 'no results'}"
        if self.error:
            return f"{self.status} {self.error!r}"
        flaw = self.exchange.flaw_of_encoding if self.json is None else ""
        return f"{self.status} with {flaw}" if flaw else f"{self.status} without an error text"

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of the answer, if it is a JSON object."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def shown(self) -> Mapping[str, Any]:
        """The resource in the answer, bare or wrapped in `data`."""
        wrapped = self.members.get("data")
        return wrapped if isinstance(wrapped, dict) else self.members

    @property
    def is_result(self) -> bool:
        """Whether the batch was executed: it has `results`, whatever the status is."""
        return isinstance(self.members.get("results"), list)

    @property
    def is_refusal(self) -> bool:
        return self.status is not None and 400 <= self.status < 500 and not self.is_result

    @cached_property
    def results(self) -> Sequence[Mapping[str, Any]]:
        found = self.members.get("results")
        return [entry if isinstance(entry, dict) else {} for entry in found] if isinstance(found, list) else []

    @property
    def summary(self) -> Mapping[str, Any]:
        found = self.members.get("summary")
        return found if isinstance(found, dict) else {}

    @cached_property
    def outcomes(self) -> Sequence[str]:
        """The status of each entry, in the order of the items by `index`."""
        return [str(entry.get("status")) for entry in sorted(self.results, key=_index)]

    @property
    def created(self) -> int:
        return self.outcomes.count("created")

    @property
    def error(self) -> str:
        """The text that a client switches on."""
        found = self.members.get("error")
        return found if isinstance(found, str) else ""

    def entry(self, index: int) -> Mapping[str, Any]:
        """The entry of the item at this position; empty where there is none."""
        return next((entry for entry in self.results if entry.get("index") == index), {})

    @property
    def ids(self) -> Sequence[str]:
        """The ids of the created items, in their order; empty where one is missing."""
        shown = [entry.get("data") for entry in sorted(self.results, key=_index) if entry.get("status") == "created"]
        return [str(data.get("_id", "")) if isinstance(data, dict) else "" for data in shown]

    def says_token(self, token: str) -> bool:
        """Whether the body of a refusal has this token, in `error` or in another member."""
        return token in _texts(self.json)

    def sure(self) -> "Reply":
        """This reply. Raises `Inconclusive` where it is lost, or may not come from the API."""
        if self.exchange.lost is not None:
            raise Inconclusive(f"call #{self.number} got {self.described}", [self.number])
        if message := not_of_the_api(self.exchange):
            raise Inconclusive(f"call #{self.number} got {message}", [self.number])
        return self


def _index(entry: Mapping[str, Any]) -> float:
    found = entry.get("index")
    return found if isinstance(found, int) else inf


def _texts(value: Any) -> Sequence[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in _texts(each)]
        case list():
            return [text for each in value for text in _texts(each)]
        case _:
            return []
