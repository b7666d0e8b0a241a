"""From answers and outcomes to findings."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.judging.document import findings_of_document, notes_of_document
from tracepass_contract.contract_tests.judging.judgement import judged
from tracepass_contract.contract_tests.model.history import Exchange, History
from tracepass_contract.contract_tests.model.outcomes import Inconclusive, Mismatch, Untested
from tracepass_contract.contract_tests.model.verdicts import Finding, Observation, Role, RunResult, Spend, Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report.conclusion import Exit, exit_code
from tracepass_contract.contract_tests.run.findings import findings_of
from tracepass_contract.contract_tests.run.pytest_run import perform
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import Settings

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CREATED = {
    "index": 0,
    "status": "created",
    "data": {"_id": "1", "gs1": {"gtin": "09506000140018", "serialNumber": "S-1"}, "status": "draft"},
}
FAILED = {"index": 1, "status": "error", "error": "taken"}
SUMMARY = {"created": 1, "errors": 1, "total": 2}


def history(status: int, answer: Any, content_type: str = "application/json") -> History:
    body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
    exchange = Exchange(
        1,
        "main",
        "key",
        "POST",
        "/api/v1/passports/batch",
        NOW,
        body=b'{"passports":[]}',
        status=status,
        answer=body,
        answer_headers={"content-type": content_type},
        answered_at=NOW,
    )
    return History("http://x", "RUN", [exchange])


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, {"results": [CREATED, FAILED], "summary": SUMMARY}),
        (207, {"results": [{**CREATED, "error": None}, {**FAILED, "data": None, "code": 7}], "summary": SUMMARY}),
        (201, {"results": [CREATED, FAILED], "summary": {**SUMMARY, "skipped": 0}, "requestId": "r"}),
        (422, {"results": [FAILED], "summary": {"created": 0, "errors": 1, "total": 1}}),
        (400, {"error": "no", "message": "no", "anything": []}),
        (418, {"error": "an unlisted status"}),
    ],
)
def test_what_the_contract_leaves_open_is_not_flagged(status: int, answer: Any) -> None:
    found = findings_of_document(history(status, answer))

    assert {each.verdict for each in found} == {Verdict.CONFORMS}


@pytest.mark.parametrize(
    ("status", "answer", "rule"),
    [
        (200, {"results": [CREATED, FAILED]}, "summary.adds-up"),
        (200, {"results": [CREATED, FAILED], "summary": {**SUMMARY, "total": "2"}}, "summary.adds-up"),
        (200, {"results": [{**CREATED, "index": "0"}], "summary": SUMMARY}, "items.one-result-each"),
        (200, {"results": {}, "summary": SUMMARY}, "items.one-result-each"),
        (200, b"no JSON", "items.one-result-each"),
        (400, {"message": "no"}, "errors.envelope"),
        (409, b"<html>", "errors.envelope"),
    ],
)
def test_a_shape_that_is_wrong_is_flagged_once(status: int, answer: Any, rule: str) -> None:
    found = [each for each in findings_of_document(history(status, answer)) if each.verdict is Verdict.VIOLATES]

    assert [(each.rule, list(each.witnesses)) for each in found] == [(rule, [1])]


@pytest.mark.parametrize(
    ("status", "answer", "rule"),
    [(200, b"<html>", "items.one-result-each"), (404, b"<html>", "errors.envelope"), (429, {}, "errors.envelope")],
)
def test_the_answer_of_a_gateway_has_no_shape(status: int, answer: Any, rule: str) -> None:
    [found] = findings_of_document(history(status, answer))

    assert (found.rule, found.verdict) == (rule, Verdict.INCONCLUSIVE)


def test_a_problem_in_its_own_envelope_is_a_refusal() -> None:
    problem = {"type": "about:blank", "title": "Bad Request", "status": 400}

    found = findings_of_document(history(400, problem, "application/problem+json"))

    assert {each.verdict for each in found} == {Verdict.CONFORMS}


def test_what_is_otherwise_than_shown_is_reported_and_not_judged() -> None:
    """A refusal with a status that the document does not show; the shapes that are judged are not told again."""
    strange, plain = history(418, {"error": "an unlisted status"}), history(400, {"error": "no"})

    [note] = notes_of_document(strange)

    assert note.startswith("POST /api/v1/passports/batch answered 418, not as the document describes it: ")
    assert note.endswith("(#1)")
    assert notes_of_document(plain) == []


RULES = dict.fromkeys(["budget.counts-every-item", "summary.adds-up"], Role.DECIDES)
MAIN, OTHER = RULES


def test_a_mismatch_says_what_was_found_and_apart_from_it_what_the_check_shows() -> None:
    """The sentence of a test tells of a deployment that conforms: by itself it would say that all is well."""
    found, _ = findings_of("test_x", RULES, "Two writes are left.", Mismatch("two writes", "none", [7]))

    assert (found.because, found.shows) == ("expected two writes, found none", "Two writes are left.")
    assert (found.expected, found.actual) == ("two writes", "none")


def test_what_no_single_call_shows_is_witnessed_by_those_of_its_test() -> None:
    """Here the writes that are left are read out, and are fewer than they should be."""
    settings = Settings(rule_prefixes=(MAIN,), examples=0, stop_at=frozenset({MAIN}))

    with forked_mock(["--mutant", "BUD-05"]) as url:
        broken = perform(replace(settings, deployment=Deployment(url))).report.failures

    assert any(each.finding.expected == "writes left: 3" for each in broken)
    assert all(each.finding.witnesses and each.curl for each in broken)


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (None, [(rule, Verdict.CONFORMS) for rule in RULES]),
        (Mismatch("2", "3", [7]), [(MAIN, Verdict.VIOLATES), (OTHER, Verdict.UNTESTED)]),
        (Mismatch("2", "3", [7], rule=OTHER), [(OTHER, Verdict.VIOLATES), (MAIN, Verdict.UNTESTED)]),
        (AssertionError("assert 1 == 2"), [(MAIN, Verdict.VIOLATES), (OTHER, Verdict.UNTESTED)]),
        (Untested("W"), [(rule, Verdict.UNTESTED) for rule in RULES]),
        (Inconclusive("the line"), [(rule, Verdict.INCONCLUSIVE) for rule in RULES]),
        (KeyError("data"), [(rule, Verdict.SUITE_ERROR) for rule in RULES]),
    ],
)
def test_each_end_of_a_test_has_its_verdict(error: BaseException | None, wanted: list[tuple[str, Verdict]]) -> None:
    found = findings_of("a test", RULES, "It is so.", error)

    assert [(each.rule, each.verdict) for each in found] == wanted


def test_a_rule_that_nothing_looked_at_is_untested() -> None:
    found = judged(History("http://x", "RUN"), [], ["summary"]).findings

    assert [(each.rule, each.verdict) for each in found] == [("summary.adds-up", Verdict.UNTESTED)]


@pytest.mark.parametrize(
    ("rule", "verdict", "code"),
    [
        ("summary.adds-up", Verdict.CONFORMS, Exit.CONFORMS),
        ("summary.adds-up", Verdict.VIOLATES, Exit.VIOLATES),
        ("summary.adds-up", Verdict.UNTESTED, Exit.UNPROVEN),
        ("summary.adds-up", Verdict.INCONCLUSIVE, Exit.UNPROVEN),
        ("summary.adds-up", Verdict.SUITE_ERROR, Exit.SUITE_FAILED),
        ("errors.envelope", Verdict.UNTESTED, Exit.CONFORMS),
        ("errors.envelope", Verdict.VIOLATES, Exit.VIOLATES),
    ],
)
def test_each_verdict_has_its_exit_code(rule: str, verdict: Verdict, code: Exit) -> None:
    assert exit_code(_result([Finding(rule, verdict, "a test")])) is code


def test_a_reading_that_is_off_the_card_is_a_violation() -> None:
    as_asked = Observation("batch.mixed-status", ["200", "207"], required="207")
    otherwise = Observation("batch.mixed-status", ["200"], required="207")

    assert exit_code(_result([], [as_asked])) is Exit.CONFORMS
    assert exit_code(_result([], [otherwise])) is Exit.VIOLATES


def _result(findings: list[Finding], observations: list[Observation] | None = None) -> RunResult:
    rules = [each.rule for each in findings]
    return RunResult("http://x", "RUN", 1, NOW, NOW, findings, observations or [], Spend(), rules=rules)
