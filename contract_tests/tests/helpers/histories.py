"""Histories made by hand: a few words for each call, and what it was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tracepass_contract.contract_tests.judging.oracle.judge import judge
from tracepass_contract.contract_tests.model.history import ClockMoved, Event, Exchange, Given, History, Lost
from tracepass_contract.contract_tests.model.verdicts import Judgement, Verdict
from tracepass_contract.spec import readings, rules

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PRODUCT = "6650a1b2c3d4e5f6a7b8c9d0"
GTIN = "04012345000016"
BATCH = "/api/v1/passports/batch"
RUN = "r1"
KEY = "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c"
CHECKS = {
    f"oracle.{part}"
    for part in ("answers", "appearance", "identity", "keys", "ledgers", "pairs", "reads", "retries", "whole")
}


def passport(serial: str, **members: Any) -> dict[str, Any]:
    return {"productId": PRODUCT, "gs1": {"gtin": GTIN, "serialNumber": f"CONF-{RUN}-{serial}"}, **members}


def batch(*serials: str, **members: Any) -> bytes:
    return orjson.dumps({"passports": [passport(serial) for serial in serials], **members})


def answered(body: bytes, outcomes: str, first_id: str = "p") -> dict[str, Any]:
    """The results of a body: `c` for created and `e` for an error, an entry for each letter."""
    items = orjson.loads(body)["passports"]
    results: list[dict[str, Any]] = []
    for index, outcome in enumerate(outcomes):
        if outcome == "c":
            data = {"_id": f"{first_id}-{index}", "gs1": items[index]["gs1"], "status": "draft"}
            results.append({"index": index, "status": "created", "data": data})
        else:
            results.append({"index": index, "status": "error", "error": "Serial number already exists"})
    summary = {"created": outcomes.count("c"), "errors": outcomes.count("e"), "total": len(outcomes)}
    return {"results": results, "summary": summary}


class Story:
    """A history in the making. Each call is a second after the one before."""

    def __init__(self, **given: Any) -> None:
        self.events: list[Event] = []
        self.now = NOON
        self.workspace = "main"
        self._race: str | None = None
        if given:
            self.given(**given)

    def given(self, **known: Any) -> None:
        self.events.append(Given(known.pop("workspace", self.workspace), self.now, **known))

    def executed(self, body: bytes, outcomes: str, *, status: int = 200, **about: Any) -> dict[str, Any]:
        """A batch that was executed; its answer, so that it can be given again."""
        answer = answered(body, outcomes, f"p{len(self.events)}")
        self.call(body, status, answer, **about)
        return answer

    def refused(self, body: bytes, status: int, error: str = "No", **about: Any) -> None:
        self.call(body, status, {"error": error}, **about)

    def call(
        self, body: bytes, status: int | None, answer: Any = None, *, key: str | None = None, **about: Any
    ) -> None:
        self.now += timedelta(seconds=1)
        number = sum(isinstance(event, Exchange) for event in self.events) + 1
        headers = {} if key is None else {"Idempotency-Key": key}
        exchange = Exchange(
            number, self.workspace, self.workspace, "POST", BATCH, self.now, headers, body, self.now, status,
            answer=answer if isinstance(answer, bytes) else orjson.dumps(answer), parallel=self._race,
        )  # fmt: skip
        if status is None:
            exchange = replace(exchange, answered_at=None, answer=b"", lost=Lost.TIMEOUT)
        self.events.append(replace(exchange, **about))

    def race(self, name: str | None) -> None:
        self._race = name

    def later(self, **delay: float) -> None:
        self.now += timedelta(**delay)
        self.events.append(ClockMoved(self.workspace, self.now))

    @property
    def history(self) -> History:
        return History("http://example.test", RUN, list(self.events))

    def judged(self) -> Judgement:
        """What the oracle says, which has a form of its own whatever it says."""
        judgement = judge(self.history)
        numbers = {event.number for event in self.events if isinstance(event, Exchange)}
        for finding in judgement.findings:
            assert finding.rule in rules()
            assert finding.check in CHECKS
            assert (finding.because == "") is (finding.verdict is Verdict.CONFORMS)
            assert isinstance(finding.because + finding.expected + finding.actual, str)
            assert set(finding.witnesses) <= numbers
            assert finding.witnesses
        for seen in judgement.observations:
            assert seen.answers
            assert set(seen.answers) <= readings()[seen.reading].answers.keys()
            assert set(seen.witnesses) <= numbers
            assert seen.witnesses
        return judgement

    def broken(self) -> set[str]:
        return rules_with(self.judged(), Verdict.VIOLATES)

    def kept(self) -> set[str]:
        return rules_with(self.judged(), Verdict.CONFORMS)

    def observed(self) -> Mapping[str, Sequence[str]]:
        return {seen.reading: seen.answers for seen in self.judged().observations}


def rules_with(judgement: Judgement, verdict: Verdict) -> set[str]:
    return {finding.rule for finding in judgement.findings if finding.verdict is verdict}


def seen(story: Story, reading: str) -> list[tuple[list[str], list[int]]]:
    return [
        (list(each.answers), list(each.witnesses)) for each in story.judged().observations if each.reading == reading
    ]


def found(story: Story, *rules: str, verdict: Verdict = Verdict.VIOLATES) -> list[tuple[str, list[int]]]:
    """The rules with this verdict, or those of them that are named, with the calls that show it."""
    findings = [each for each in story.judged().findings if each.verdict is verdict]
    return [(each.rule, list(each.witnesses)) for each in findings if not rules or each.rule in rules]


def undecided(story: Story) -> list[tuple[str, list[int]]]:
    return found(story, verdict=Verdict.INCONCLUSIVE)


def with_a_known_product() -> Story:
    """A workspace whose product and GTIN are known to be good: something was created with them."""
    story = Story()
    story.executed(batch("z"), "c")
    return story
