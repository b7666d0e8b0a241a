"""A small run with something of everything, for the tests of the reports."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tracepass_contract.contract_tests.model.history import ClockMoved, Event, Exchange, Given, History, Lost
from tracepass_contract.contract_tests.model.verdicts import Finding, LeftOver, Observation, RunResult, Spend, Verdict
from tracepass_contract.contract_tests.report.view import Report, report_of
from tracepass_contract.spec import rules

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
API_KEY, SECOND_KEY, CONTROL_TOKEN = "tp_live_0123456789abcdef", "second&key/with<marks>", "control token"
SECRETS = (API_KEY, SECOND_KEY, CONTROL_TOKEN)
BATCH = "/api/v1/passports/batch"
MARKUP = '</script><script>alert("x")</script><img src=x onerror=alert(1)>'


def passports(*serials: str) -> bytes:
    items = [{"productId": "6650a1b2", "gs1": {"gtin": "04012345000016", "serialNumber": serial}} for serial in serials]
    return json.dumps({"passports": items}).encode()


def call(
    number: int, status: int | None, answer: str | bytes = b"", *, key: str = "main", **others: object
) -> Exchange:
    exchange = Exchange(
        number,
        workspace={"main": "w1", "second": "w2"}.get(key),
        credential=key,
        method="POST",
        path=BATCH,
        sent_at=START + timedelta(seconds=number),
        headers={"Content-Type": "application/json", "Idempotency-Key": f"CONF-r1-{number}"},
        body=passports(f"CONF-r1-{number}-1", f"CONF-r1-{number}-2"),
        answered_at=START + timedelta(seconds=number, milliseconds=40) if status else None,
        status=status,
        answer_headers={"Content-Type": "application/json"} if status else {},
        answer=answer.encode() if isinstance(answer, str) else answer,
    )
    return replace(exchange, **others)  # type: ignore[arg-type]


REFUSED = json.dumps({"error": "write budget exceeded", "details": {"seen": f"Authorization: Bearer {API_KEY}"}})


def history() -> History:
    events: Sequence[Event] = [
        Given("w1", START, product_id="6650a1b2", gtin="04012345000016", writes_left=2, slots_left=3),
        Given("w2", START),
        call(1, 200, '{"results": [], "summary": {"total": 2, "created": 2, "errors": 0}}', purpose="fill the budget"),
        call(
            2,
            200,
            f'{{"echo": "{SECOND_KEY}"}}',
            key="second",
            purpose="one item too many",
            parallel="last writes",
        ),
        call(3, 429, REFUSED, parallel="last writes", headers={"Authorization": f"Bearer {API_KEY}", "X-Note": "it's"}),
        ClockMoved("w1", START + timedelta(days=1)),
        call(4, None, lost=Lost.CONNECTION, detail=f"reset while sending Authorization: Bearer {API_KEY}"),
        call(5, 500, MARKUP, answer_headers={"Content-Type": "text/html", "Set-Cookie": "session=4711"}),
        call(6, 400, b"\xff\x00\x1b[31mred", body=b"\x00\xff@not json", purpose="no JSON at all"),
        call(7, 401, '{"error": "unauthorized"}', key="none", body=None, method="GET"),
    ]
    return History("https://user:password@example.test", "r1", events)


def _findings() -> Sequence[Finding]:
    troubled = {
        "budget.refuses-whole-batch": Finding(
            "budget.refuses-whole-batch",
            Verdict.VIOLATES,
            "test_a_batch_over_the_budget_spends_nothing",
            because=f"expected 429, and both writes still there, found 200 with three results, for the key {API_KEY}",
            expected="429, and both writes still there",
            actual=f"200 with three results, for the key {API_KEY}",
            witnesses=[1, 2, 3, 4],
            shows="Two writes are left, and a batch of three is refused.",
        ),
        "items.fail-independently": Finding(
            "items.fail-independently", Verdict.VIOLATES, "oracle", f"The answer was {MARKUP}", witnesses=[5, 6]
        ),
        "idempotency.executes-once": Finding(
            "idempotency.executes-once", Verdict.INCONCLUSIVE, "race", "The calls did not overlap.", witnesses=[4]
        ),
        "quota.asks-for-consent": Finding("quota.asks-for-consent", Verdict.UNTESTED, "quota", missing="Q"),
        "auth.workspaces-are-separate": Finding(
            "auth.workspaces-are-separate", Verdict.UNTESTED, "auth", missing="a key of a second workspace"
        ),
        "budget.renews-each-utc-day": Finding("budget.renews-each-utc-day", Verdict.UNTESTED, "budget"),
        "items.created-is-readable": Finding("items.created-is-readable", Verdict.NOT_APPLICABLE, "items"),
    }
    return [troubled.get(rule) or Finding(rule, Verdict.CONFORMS, f"test_{rule}") for rule in rules()]


def result() -> RunResult:
    return RunResult(
        target="https://user:password@example.test",
        run="r1",
        seed=4711,
        started_at=START,
        finished_at=START + timedelta(seconds=42),
        findings=_findings(),
        observations=[
            Observation("batch.mixed-status", ["200"], [1]),
            Observation("batch.all-created-status", ["201"], [1, 2]),
            Observation("quota.consent-place", ["top-level", "items-only"], [2]),
            Observation("budget.refunds", ["none"], [3], required="failed-items"),
        ],
        spend=Spend(
            7, 14, 5, 2, 0, max_writes=60, max_slots=3, left_behind=[LeftOver("6650ffff", "409", is_refused=True)]
        ),
        capabilities=["L", "K2", "W"],
        notes=[f"The control plane was reached with the {CONTROL_TOKEN}."],
        versions={"tracepass-contract": "0.1.0", "Python": "3.11.7"},
    )


def sample(changed: RunResult | None = None, accepted_untested: Sequence[str] = ()) -> Report:
    return report_of(changed or result(), history(), secrets=SECRETS, accepted_untested=accepted_untested)


def verdicts(**of: Verdict) -> RunResult:
    """A run in which all rules conform but these; `budget__is_shared` stands for budget.is-shared."""
    named = {name.replace("__", ".").replace("_", "-"): verdict for name, verdict in of.items()}
    findings = [Finding(rule, named.get(rule, Verdict.CONFORMS), "check") for rule in rules()]
    return replace(result(), findings=findings, observations=[])
