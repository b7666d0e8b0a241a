"""The trace of a decision: the checks in order with their numbers, and the stored answer."""

from typing import Any

import pytest

from tracepass_contract.mockserver.semantics.checks.quota import consent_used
from tracepass_contract.mockserver.semantics.checks.refusals import (
    GTIN_FOREIGN,
    ITEM_FAILED,
    PRODUCT_UNKNOWN,
    SERIAL_TAKEN,
)
from tracepass_contract.mockserver.semantics.checks.replay import key_name
from tracepass_contract.mockserver.semantics.types.answers import BatchResult, Check, Decision, Failed, Refusal
from tracepass_contract.mockserver.semantics.types.readings import (
    ConflictingConsent,
    ConsentPlace,
    DuplicateInBatch,
    ForeignGtin,
    InFlight,
    MalformedItem,
    RaceLoser,
    Readings,
    RefusedShape,
    RememberedOutcomes,
    ReplayWhenBudgetSpent,
    UnknownProduct,
)
from tracepass_contract.mockserver.semantics.types.request import Consent, Item, Kind
from tracepass_contract.mockserver.tests.builders import (
    FOREIGN_GTIN,
    GTIN,
    batch,
    decide,
    item,
    items,
    problem,
    run,
    small_state,
)

SHAPE = Check("batch.same-shape-as-single", "passed", {"items": 1})
BUDGET = Check("budget.refuses-whole-batch", "passed", {"needed": 1, "left": 5})
QUOTA = Check("quota.asks-for-consent", "passed", {"wanted": 1, "left": 4})
KEEPS_ALL: dict[str, Any] = {"remembered_outcomes": RememberedOutcomes.ALL}


def refused(decision: Decision) -> Refusal:
    assert isinstance(decision.answer, Refusal), decision.answer
    return decision.answer


def executed(decision: Decision) -> BatchResult:
    assert isinstance(decision.answer, BatchResult), decision.answer
    return decision.answer


def test_a_batch_that_is_executed_passed_every_check() -> None:
    decision = decide(small_state(writes_left=5, slots_left=4), batch(*items(1)))

    last = Check("items.fail-independently", "passed", {"created": 1, "errors": 0, "charged": 0})
    assert list(decision.because) == [SHAPE, BUDGET, QUOTA, last]


def test_a_refusal_ends_the_checks() -> None:
    shapeless = decide(small_state(), batch(item(), problems=(problem(Kind.CALL, None),)))
    spent = decide(small_state(writes_left=0), batch(*items(1)))

    assert [(check.outcome, check.numbers) for check in shapeless.because] == [("refused", {})]
    assert list(spent.because) == [SHAPE, Check("budget.refuses-whole-batch", "refused", {"needed": 1, "left": 0})]


@pytest.mark.rule("idempotency.executes-once")
def test_a_key_in_flight_is_refused_and_nothing_kept_for_it() -> None:
    state, request = small_state(), batch(*items(1), key="k-1")
    name = key_name(request, Readings())
    assert name is not None
    state.executing.add(name)

    decision = decide(state, request, in_flight=InFlight.STATUS_409, **KEEPS_ALL)

    assert refused(decision).status == 409
    assert list(decision.because) == [SHAPE, Check(decision.rule, "refused", {})]
    assert decision.effects.remember is None


@pytest.mark.rule("idempotency.refuses-another-body")
def test_a_key_with_another_body_is_refused_and_the_first_result_kept() -> None:
    state = small_state()
    run(state, batch(item("S-0"), key="k-1"))

    decision = decide(state, batch(item("S-1"), key="k-1"), **KEEPS_ALL)

    assert list(decision.because) == [SHAPE, Check("idempotency.refuses-another-body", "refused", {})]
    assert decision.effects.remember is None


@pytest.mark.rule("idempotency.replays-original")
def test_a_replay_that_the_budget_refuses_leaves_the_first_result_kept() -> None:
    state, request = small_state(writes_left=1), batch(*items(1), key="k-1")
    run(state, request)

    decision = decide(state, request, replay_when_budget_spent=ReplayWhenBudgetSpent.REFUSED, **KEEPS_ALL)

    assert refused(decision) == refused(decide(state, batch(item("other"))))
    assert [(check.outcome, check.numbers) for check in decision.because] == [
        ("passed", {"items": 1}),
        ("passed", {}),
        ("refused", {}),
    ]
    assert decision.effects.remember is None


@pytest.mark.parametrize(("outcomes", "kept"), [(RememberedOutcomes.ALL, True), (RememberedOutcomes.EXECUTED, False)])
def test_a_refusal_is_no_execution_that_is_kept(outcomes: RememberedOutcomes, kept: bool) -> None:
    decision = decide(small_state(writes_left=0), batch(*items(1), key="k-1"), remembered_outcomes=outcomes)

    assert (decision.effects.remember is not None) is kept


@pytest.mark.parametrize(
    ("bad", "readings", "status", "rule"),
    [
        (item("S-1", product_id="x"), {"unknown_product": UnknownProduct.WHOLE_404}, 404, "items.fail-independently"),
        (item("S-1", gtin=FOREIGN_GTIN), {"foreign_gtin": ForeignGtin.WHOLE_404}, 404, "items.fail-independently"),
        (item("S-0"), {"duplicate_in_batch": DuplicateInBatch.WHOLE_REFUSED}, 409, "items.serial-unique-per-gtin"),
        (item("S-2"), {"race_loser": RaceLoser.WHOLE_409}, 409, "items.serial-unique-per-gtin"),
    ],
)
def test_an_item_that_refuses_the_whole_batch_is_named(
    bad: Any, readings: dict[str, Any], status: int, rule: str
) -> None:
    state = small_state()
    state.pairs.add((GTIN, "S-2"))

    decision = decide(state, batch(item("S-0"), bad, creatable_at_arrival=frozenset({0, 1})), **readings)

    assert (refused(decision).status, refused(decision).rule) == (status, rule)
    assert "/passports/1" in f"{refused(decision).message} {refused(decision).error}"
    assert decision.because[-1] == Check(rule, "refused", {})


def test_a_shapeless_call_takes_no_more_than_is_left() -> None:
    for left, taken in ((5, 2), (1, 1), (0, 0)):
        request = batch(*items(2), problems=(problem(Kind.CALL, None),))

        decision = decide(small_state(writes_left=left), request, refused_shape=RefusedShape.EVERY_ITEM)

        assert decision.effects.writes == taken


@pytest.mark.rule("items.error-carries-reason")
def test_an_item_with_a_flaw_fails_with_what_was_expected() -> None:
    request = batch(*items(2), problems=(problem(Kind.VALUE, 1),))

    decision = decide(small_state(), request, malformed_item=MalformedItem.ITEM_ERROR)

    failed = executed(decision).results[1]
    assert isinstance(failed, Failed)
    assert (failed.position, failed.rule) == (1, "batch.same-shape-as-single")
    assert "something else" in failed.error


@pytest.mark.rule("quota.consent-covers-whole-batch")
def test_an_item_that_says_nothing_does_not_contradict_consent() -> None:
    """Also under the strictest reading. Only a false contradicts a true."""
    strict: dict[str, Any] = {"conflicting_consent": ConflictingConsent.STRICTEST_WINS}
    silent = batch(*items(2), consent=Consent.GIVEN)
    contradicted = batch(item("S-0", consent=Consent.WITHHELD), item("S-1"), consent=Consent.GIVEN)

    assert isinstance(decide(small_state(slots_left=1), silent, **strict).answer, BatchResult)
    assert refused(decide(small_state(slots_left=1), contradicted, **strict)).status == 402


def test_a_decision_says_why() -> None:
    """The trace has each check with its numbers."""
    decision = decide(small_state(writes_left=5, slots_left=1), batch(*items(3)))

    assert [(check.rule, check.outcome) for check in decision.because] == [
        ("batch.same-shape-as-single", "passed"),
        ("budget.refuses-whole-batch", "passed"),
        ("quota.asks-for-consent", "refused"),
    ]
    assert decision.because[1].numbers == {"needed": 3, "left": 5}
    assert decision.because[2].numbers == {"wanted": 3, "left": 1}


@pytest.mark.rule("quota.consent-covers-whole-batch")
@pytest.mark.parametrize(
    ("reading", "top", "in_items", "place"),
    [
        (ConsentPlace.TOP_LEVEL, Consent.GIVEN, Consent.GIVEN, "/confirmOverage"),
        (ConsentPlace.TOP_LEVEL_OR_ANY_ITEM, Consent.GIVEN, Consent.GIVEN, "/confirmOverage"),
        (ConsentPlace.TOP_LEVEL_OR_ANY_ITEM, Consent.ABSENT, Consent.GIVEN, "/passports/1/confirmOverage"),
        (ConsentPlace.ITEMS_ONLY, Consent.GIVEN, Consent.GIVEN, "/passports/1/confirmOverage"),
    ],
)
def test_a_decision_says_which_consent_was_used(
    reading: ConsentPlace, top: Consent, in_items: Consent, place: str
) -> None:
    request = batch(item("S-0"), item("S-1", consent=in_items), consent=top)

    decision = decide(small_state(slots_left=1), request, consent_place=reading)

    assert decision.because[2].numbers == {"wanted": 2, "left": 1, "consent": place}


def test_without_consent_no_consent_is_used() -> None:
    """A server that never requires consent gets such a call."""
    state = small_state(slots_left=0)

    assert consent_used(batch(item()), state.account, 1, Readings()) == {}


def test_failures_keep_the_rule_that_they_come_from() -> None:
    decision = decide(small_state(), batch(item("S-0"), item("S-0")))

    failed = executed(decision).results[1]
    assert failed == Failed(1, "Serial number already exists for this GTIN", "items.serial-unique-per-gtin")


@pytest.mark.rule("idempotency.replays-original")
def test_a_replay_says_that_it_is_one() -> None:
    state, request = small_state(), batch(*items(1), key="k-1")
    run(state, request)

    decision = decide(state, request)

    assert [(check.rule, check.outcome, check.numbers) for check in decision.because][-1] == (
        "idempotency.replays-original",
        "replayed",
        {},
    )


@pytest.mark.rule("items.error-carries-reason")
@pytest.mark.parametrize(
    ("second", "changes", "error", "rule"),
    [
        (item("S-1", product_id="nobody's"), {}, PRODUCT_UNKNOWN, "items.fail-independently"),
        (item("S-1", gtin=FOREIGN_GTIN), {}, GTIN_FOREIGN, "items.fail-independently"),
        (item("S-0"), {}, SERIAL_TAKEN, "items.serial-unique-per-gtin"),
        (item("taken"), {}, SERIAL_TAKEN, "items.serial-unique-per-gtin"),
        (item("S-1"), {"failing_item": 1}, ITEM_FAILED, "items.fail-independently"),
    ],
)
def test_a_failure_says_where_and_why(second: Item, changes: dict[str, Any], error: str, rule: str) -> None:
    state = small_state()
    state.pairs.add((GTIN, "taken"))

    decision = decide(state, batch(item("S-0"), second, **changes))

    assert executed(decision).results[1] == Failed(1, error, rule)
