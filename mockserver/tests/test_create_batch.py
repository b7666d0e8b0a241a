"""The rules of the batch on the pure semantics: one or a few calls on a small state."""

from datetime import timedelta

import pytest

from tracepass_contract.mockserver.semantics.types.answers import (
    NO_EFFECTS,
    BatchResult,
    Decision,
    NewPassport,
    Refusal,
    Replay,
)
from tracepass_contract.mockserver.semantics.types.request import Consent, Kind
from tracepass_contract.mockserver.tests.builders import (
    FOREIGN_GTIN,
    GTIN,
    NOW,
    batch,
    decide,
    free_plan,
    item,
    items,
    problem,
    run,
    small_state,
)


def refusal(decision: Decision) -> Refusal:
    assert isinstance(decision.answer, Refusal), decision.answer
    return decision.answer


def result(decision: Decision) -> BatchResult:
    assert isinstance(decision.answer, BatchResult), decision.answer
    return decision.answer


def statuses(decision: Decision) -> list[str]:
    return ["created" if isinstance(each, NewPassport) else "error" for each in result(decision).results]


@pytest.mark.rule("items.fail-independently")
def test_an_item_that_fails_leaves_the_others_alone() -> None:
    """An existing pair between two new ones is the only one that fails."""
    state = small_state()
    state.pairs.add((GTIN, "S-1"))

    decision = decide(state, batch(*items(3)))

    assert statuses(decision) == ["created", "error", "created"]
    assert (result(decision).created, result(decision).errors, result(decision).total) == (2, 1, 3)
    assert [each.position for each in result(decision).results] == [0, 1, 2]


@pytest.mark.rule("items.fail-independently")
@pytest.mark.parametrize(
    "bad",
    [
        item("S-1", product_id="000000000000000000000000"),
        item("S-1", gtin=FOREIGN_GTIN),
        item("S-0"),
    ],
    ids=["unknown product", "GTIN of another workspace", "twice in the batch"],
)
def test_each_kind_of_failure_is_one_items_error(bad: object) -> None:
    decision = decide(small_state(), batch(item("S-0"), bad, item("S-2")))  # type: ignore[arg-type]

    assert statuses(decision) == ["created", "error", "created"]
    assert len(decision.effects.passports) == 2


@pytest.mark.rule("items.serial-unique-per-gtin")
def test_the_first_of_two_equal_pairs_has_it() -> None:
    decision = decide(small_state(), batch(item("S-0"), item("S-0")))

    assert statuses(decision) == ["created", "error"]


@pytest.mark.rule("items.serial-unique-per-gtin")
def test_an_item_that_fails_does_not_claim_its_pair() -> None:
    """The first of two equal pairs has an unknown product, so the second is created."""
    decision = decide(small_state(), batch(item("S-0", product_id="nobody's"), item("S-0")))

    assert statuses(decision) == ["error", "created"]


@pytest.mark.rule("budget.counts-every-item")
def test_a_batch_takes_a_write_for_every_item_whatever_becomes_of_it() -> None:
    state = small_state(writes_left=10)
    state.pairs.add((GTIN, "S-1"))

    run(state, batch(*items(3)))

    assert state.account.writes_left == 7


@pytest.mark.rule("budget.refuses-whole-batch")
def test_a_batch_over_the_budget_changes_nothing() -> None:
    """Two writes are left; a batch of three items is refused."""
    decision = decide(small_state(writes_left=2), batch(*items(3)))

    assert refusal(decision).status == 429
    assert decision.effects == NO_EFFECTS
    assert decision.rule == "budget.refuses-whole-batch"


@pytest.mark.rule("budget.refuses-whole-batch")
def test_an_exact_fit_into_the_budget_is_admitted() -> None:
    state = small_state(writes_left=3)

    assert statuses(run(state, batch(*items(3)))) == ["created"] * 3
    assert state.account.writes_left == 0


@pytest.mark.rule("budget.renews-each-utc-day")
def test_the_refusal_says_when_the_budget_is_full_again() -> None:
    """At noon 43,200 seconds are left of the day. Just before midnight it is one second, never zero."""
    just_before_midnight = NOW + timedelta(hours=11, minutes=59, seconds=59.9)
    at_noon = refusal(decide(small_state(writes_left=0), batch(item())))
    at_the_last = refusal(decide(small_state(writes_left=0), batch(item()), just_before_midnight))

    assert at_noon.headers == (("Retry-After", "43200"),)
    assert at_the_last.headers == (("Retry-After", "1"),)
    assert at_noon.details is not None
    assert at_noon.details["resetsAt"] == "2026-01-16T00:00:00Z"


@pytest.mark.rule("quota.asks-for-consent")
def test_a_batch_over_the_quota_is_refused_whole() -> None:
    decision = decide(small_state(slots_left=2), batch(*items(3)))

    assert (refusal(decision).status, refusal(decision).error) == (402, "overage_required")
    assert refusal(decision).details is not None
    assert refusal(decision).details["overageTotalCents"] == 150  # type: ignore[index]
    assert decision.effects == NO_EFFECTS


@pytest.mark.rule("quota.asks-for-consent")
def test_an_exact_fit_into_the_quota_is_admitted_without_charge() -> None:
    decision = decide(small_state(slots_left=3), batch(*items(3)))

    assert statuses(decision) == ["created"] * 3
    assert decision.effects.overage_cents == 0


@pytest.mark.rule("quota.consent-covers-whole-batch")
def test_consent_admits_the_batch_and_charges_what_is_beyond() -> None:
    decision = decide(small_state(slots_left=1), batch(*items(3), consent=Consent.GIVEN))

    assert statuses(decision) == ["created"] * 3
    assert (decision.effects.overage_count, decision.effects.overage_cents) == (2, 300)


@pytest.mark.rule("quota.consent-is-not-remembered")
@pytest.mark.parametrize("said", [Consent.ABSENT, Consent.WITHHELD])
def test_consent_holds_for_its_own_call_alone(said: Consent) -> None:
    state = small_state(slots_left=0)
    run(state, batch(item("S-0"), consent=Consent.GIVEN))

    assert refusal(run(state, batch(item("S-1"), consent=said))).status == 402


@pytest.mark.rule("quota.failed-items-take-no-slot")
def test_a_failed_item_takes_no_slot() -> None:
    state = small_state(slots_left=3)
    state.pairs.add((GTIN, "S-0"))

    run(state, batch(*items(2)))

    assert state.account.passports_left == 2


@pytest.mark.rule("quota.asks-for-consent")
def test_consent_buys_nothing_on_a_plan_without_overage() -> None:
    decision = decide(free_plan(passports_used=3), batch(item(), consent=Consent.GIVEN))

    assert (refusal(decision).status, refusal(decision).error) == (402, "overage_not_available")


def test_a_lapsed_subscription_is_not_a_question_of_consent() -> None:
    decision = decide(small_state(subscription_active=False), batch(item(), consent=Consent.GIVEN))

    assert (refusal(decision).status, refusal(decision).error) == (402, "subscription_required")


@pytest.mark.rule("idempotency.replays-original")
def test_the_same_key_and_body_replays_and_changes_nothing() -> None:
    state = small_state(writes_left=3, slots_left=3)
    run(state, batch(*items(2), key="k"))

    again = decide(state, batch(*items(2), key="k"))

    assert isinstance(again.answer, Replay)
    assert again.effects == NO_EFFECTS


@pytest.mark.rule("idempotency.refuses-another-body")
def test_the_same_key_with_another_body_is_refused() -> None:
    state = small_state()
    run(state, batch(*items(2), key="k"))

    decision = decide(state, batch(*items(3), key="k"))

    assert refusal(decision).status == 422
    assert decision.effects == NO_EFFECTS


@pytest.mark.rule("idempotency.key-is-optional")
def test_calls_without_a_key_are_independent() -> None:
    state = small_state()
    run(state, batch(*items(2)))

    assert statuses(run(state, batch(*items(2)))) == ["error", "error"]


@pytest.mark.rule("idempotency.kept-24-hours")
def test_a_key_is_forgotten_after_24_hours() -> None:
    state = small_state()
    run(state, batch(item(), key="k"))
    day = timedelta(hours=24)

    assert isinstance(decide(state, batch(item(), key="k"), NOW + day - timedelta(microseconds=1)).answer, Replay)
    assert statuses(decide(state, batch(item(), key="k"), NOW + day)) == ["error"]


@pytest.mark.rule("batch.same-shape-as-single")
def test_a_malformed_call_is_refused_with_where_expected_and_found() -> None:
    decision = decide(small_state(), batch(item(), problems=(problem(Kind.STRUCTURE),)))

    assert refusal(decision).status == 400
    assert refusal(decision).message == "/passports/0: expected something else, found this"
    assert decision.effects == NO_EFFECTS


def test_a_key_problem_names_the_header() -> None:
    broken = problem(Kind.KEY, None)._replace(where="Idempotency-Key")

    decision = decide(small_state(), batch(item(), problems=(broken,)))

    assert decision.rule == "idempotency.key-is-opaque"
    assert refusal(decision).details is not None
    assert "Idempotency-Key" in refusal(decision).details["fieldErrors"]  # type: ignore[index]


@pytest.mark.rule("items.one-result-each")
def test_a_created_item_says_when_it_was() -> None:
    decision = decide(small_state(), batch(*items(2)))

    assert [each.created_at for each in result(decision).results if isinstance(each, NewPassport)] == [NOW, NOW]
