"""Every answer to every reading of the semantics changes what a client sees.

A scenario runs under the default and under the other answer.
"""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import pytest

from tracepass_contract.mockserver.semantics.checks.refusals import GTIN_FOREIGN, SERIAL_TAKEN, key_reused
from tracepass_contract.mockserver.semantics.types.answers import BatchResult, Refusal
from tracepass_contract.mockserver.semantics.types.readings import Readings
from tracepass_contract.mockserver.semantics.types.request import Consent, Kind
from tracepass_contract.mockserver.tests.builders import (
    FOREIGN_GTIN,
    NOW,
    batch,
    decide,
    item,
    items,
    problem,
    run,
    small_state,
)
from tracepass_contract.mockserver.tests.scenarios import (
    Scenario,
    balance,
    executing,
    full,
    full_and_none_sold,
    interrupted_batch,
    known,
    lapsed,
    once,
    seen,
    twice,
)

GIVEN, WITHHELD = Consent.GIVEN, Consent.WITHHELD
yes, no = item("S-1", consent=GIVEN), item("S-2", consent=WITHHELD)
taken, new = item("S-0"), item("S-1")
unknown = item("S-2", product_id="0" * 24)
foreign = item("S-3", gtin=FOREIGN_GTIN)
bad_digit = item("S-4", gtin="09506000134353")
incomplete, ill_valued = (problem(Kind.STRUCTURE),), (problem(Kind.VALUE),)
unknown_member, ill_sized = (problem(Kind.UNKNOWN_MEMBER),), (problem(Kind.SIZE, None),)
keyed = batch(new, key="k")
empty = batch(new, key="")
failing = batch(unknown, key="k")
consented = batch(new, key="k", consent=GIVEN)
elsewhere = batch(new, key="k", operation="createPassport")
slow = batch(new, key="k", received_at=NOW - timedelta(hours=1))
MALFORMED = (400, "Validation error")
NEEDS_CONSENT = (402, "overage_required")
NOT_SOLD = (402, "overage_not_available")
SPENT = (429, "Daily write budget exceeded")
REUSED = key_reused(Readings()).error
REPLAYED = ("replay", 200, True, ())
REPLAYED_429 = ("replay", 429, True, ())
MARKED = ("replay", 200, True, (("Idempotent-Replayed", "true"),))


@dataclass(frozen=True)
class Case:
    field: str
    answer: str
    play: Scenario
    by_default: object
    otherwise: object

    def __str__(self) -> str:
        return f"{self.field}={self.answer}"


CASES = [
    Case("mixed_status", "201", once(small_state, new, unknown), (200, "ce"), (201, "ce")),
    Case("mixed_status", "207", once(small_state, new, unknown), (200, "ce"), (207, "ce")),
    Case("all_failed_status", "201", once(small_state, unknown), (200, "e"), (201, "e")),
    Case("all_failed_status", "207", once(small_state, unknown), (200, "e"), (207, "e")),
    Case("all_failed_status", "400", once(small_state, unknown), (200, "e"), (400, "e")),
    Case("all_failed_status", "422", once(small_state, unknown), (200, "e"), (422, "e")),
    Case("all_created_status", "201", once(small_state, new), (200, "c"), (201, "c")),
    Case("all_created_status", "207", once(small_state, new), (200, "c"), (207, "c")),
    Case("consent_place", "top-level", once(full, yes, new._replace(serial_number="S-9")), (200, "cc"), NEEDS_CONSENT),
    Case("consent_place", "top-level-or-every-item", once(full, yes, taken), (200, "cc"), NEEDS_CONSENT),
    Case("consent_place", "items-only", once(full, new, consent=GIVEN), (200, "c"), NEEDS_CONSENT),
    Case("conflicting_consent", "any-true-wins", once(full, yes, no), MALFORMED, (200, "cc")),
    Case("conflicting_consent", "strictest-wins", once(full, yes, no), MALFORMED, NEEDS_CONSENT),
    Case("counted_items", "created-items", balance(known, batch(taken, new, consent=GIVEN), "writes_used"), 2, 1),
    Case("refunds", "failed-items", balance(known, batch(taken), "writes_used"), 1, 0),
    Case(
        "refused_shape",
        "one",
        balance(known, batch(*items(3), problems=incomplete), "writes_used"),
        0,
        1,
    ),
    Case(
        "refused_shape",
        "every-item",
        balance(known, batch(*items(3), problems=ill_valued), "writes_used"),
        0,
        3,
    ),
    Case("refused_by_quota", "every-item", balance(full, batch(*items(3)), "writes_used"), 0, 3),
    Case("compares_with", "creatable-items", once(known, taken, new), NEEDS_CONSENT, (200, "ec")),
    Case("without_overage", "same-402", once(full_and_none_sold, new, consent=GIVEN), NOT_SOLD, NEEDS_CONSENT),
    Case("without_overage", "403", once(full_and_none_sold, new, consent=GIVEN), NOT_SOLD, (403, "Forbidden")),
    Case("token_place", "nested", once(full, new), NEEDS_CONSENT, (402, "Payment required")),
    Case("charges", "requested-beyond-quota", balance(known, batch(taken, new, consent=GIVEN), "overage_count"), 0, 1),
    Case("charges", "every-item", balance(known, batch(taken, new, consent=GIVEN), "overage_count"), 0, 2),
    Case("charges", "every-item", balance(known, batch(new, consent=GIVEN), "overage_count"), 0, 0),
    Case("consent_within_quota", "refused", once(small_state, new, consent=GIVEN), (200, "c"), MALFORMED),
    Case("malformed_item", "item-error", once(small_state, new, problems=incomplete), MALFORMED, (200, "e")),
    Case("malformed_item", "by-kind", once(small_state, new, problems=ill_valued), MALFORMED, (200, "e")),
    Case("size_refusal", "422", once(small_state, problems=ill_sized), MALFORMED, (422, "Validation error")),
    Case("size_refusal", "413", once(small_state, problems=ill_sized), MALFORMED, (413, "Validation error")),
    Case("gtin_check_digit", "enforced", once(small_state, bad_digit, new), (200, "cc"), MALFORMED),
    Case("serial_equality", "trimmed", once(small_state, item("a"), item(" a ")), (200, "cc"), (200, "ce")),
    Case("serial_equality", "case-folded", once(small_state, item("a"), item("A")), (200, "cc"), (200, "ce")),
    Case("serial_equality", "nfc", once(small_state, item("\u00e9"), item("e\u0301")), (200, "cc"), (200, "ce")),
    Case("duplicate_in_batch", "last-wins", once(small_state, new, new), (200, "ce"), (200, "ec")),
    Case("duplicate_in_batch", "whole-refused", once(small_state, new, new), (200, "ce"), (409, SERIAL_TAKEN)),
    Case(
        "unknown_members",
        "item-error",
        once(small_state, new, problems=unknown_member),
        MALFORMED,
        (200, "e"),
    ),
    Case("key_reuse", "409", twice(keyed, batch(taken, key="k")), (422, REUSED), (409, REUSED)),
    Case("key_reuse", "400", twice(keyed, batch(taken, key="k")), (422, REUSED), (400, REUSED)),
    Case("key_identity", "workspace", twice(keyed, elsewhere), (200, "e"), REPLAYED),
    Case("key_identity", "api-key", twice(keyed, batch(new, key="k", api_key="tp_second")), REPLAYED, (200, "e")),
    Case("key_out_of_range", "ignored", twice(empty, empty), REPLAYED, (200, "e")),
    Case("remembered_outcomes", "executed", twice(failing, failing), REPLAYED, REPLAYED),
    Case(
        "remembered_outcomes",
        "all-but-429-and-5xx",
        twice(keyed, consented, full),
        (200, "c"),
        (422, REUSED),
    ),
    Case(
        "remembered_outcomes",
        "all",
        twice(batch(*items(2), key="k"), batch(*items(2), key="k"), lambda: small_state(writes_left=1), hours=1),
        SPENT,
        REPLAYED_429,
    ),
    Case(
        "lifetime_from",
        "request",
        twice(slow, keyed, hours=23.5),
        REPLAYED,
        (200, "e"),
    ),
    Case("replay_equality", "same-json", twice(keyed, keyed), REPLAYED, ("replay", 200, False, ())),
    Case(
        "replay_marker",
        "idempotent-replayed",
        twice(keyed, keyed),
        REPLAYED,
        MARKED,
    ),
    Case(
        "replay_when_budget_spent", "refused", twice(keyed, keyed, lambda: small_state(writes_left=1)), REPLAYED, SPENT
    ),
    Case("unknown_product", "whole-404", once(small_state, new, unknown), (200, "ce"), (404, "Product not found")),
    Case("foreign_gtin", "whole-404", once(small_state, new, foreign), (200, "ce"), (404, GTIN_FOREIGN)),
    Case("foreign_gtin", "whole-409", once(small_state, new, foreign), (200, "ce"), (409, GTIN_FOREIGN)),
    Case("lapsed_subscription", "403", once(lapsed, new), (402, "subscription_required"), (403, "Forbidden")),
    Case("in_flight", "waits", once(executing, new, key="k"), (409, "Conflict"), (200, "c")),
    Case("race_loser", "whole-409", once(known, taken, creatable_at_arrival={0}), (200, "e"), (409, "Conflict")),
    Case(
        "failure_in_the_middle", "rows-kept", interrupted_batch(1), ((3, 0, 0), (200, "ccc")), ((6, 1, 1), (200, "ecc"))
    ),
    Case("failure_in_the_middle", "resumed", interrupted_batch(1), ((3, 0, 0), (200, "ccc")), ((3, 3, 3), REPLAYED)),
    Case("bad_parties", "item-error", once(small_state, new, problems=(problem(Kind.PARTIES),)), MALFORMED, (200, "e")),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_answer_changes_what_its_question_asks(case: Case) -> None:
    kind = type(getattr(Readings(), case.field))

    assert case.play(Readings()) == case.by_default
    assert case.play(Readings(**{case.field: kind(case.answer)})) == case.otherwise


def test_created_data_can_be_trimmed() -> None:
    whole, trimmed = (
        decide(small_state(), batch(new)),
        decide(small_state(), batch(new), **_one("created_data", "trimmed")),
    )

    assert isinstance(whole.answer, BatchResult)
    assert isinstance(trimmed.answer, BatchResult)
    assert (whole.answer.full_data, trimmed.answer.full_data) == (True, False)


@pytest.mark.parametrize(
    ("answer", "names"),
    [("retry-after", ["Retry-After"]), ("none", []), ("ratelimit", ["RateLimit-Policy", "RateLimit"])],
)
def test_the_headers_of_a_429(answer: str, names: list[str]) -> None:
    decision = decide(small_state(writes_left=0), batch(new), **_one("refusal_headers", answer))

    assert isinstance(decision.answer, Refusal)
    assert [name for name, _ in decision.answer.headers] == names


def test_executed_outcomes_are_remembered_whatever_their_status() -> None:
    """Every item of a batch fails with 4xx. `executed` replays the answer, `2xx` executes the batch again."""
    state = small_state()
    readings = {**_one("all_failed_status", "422"), **_one("remembered_outcomes", "executed")}
    run(state, batch(unknown, key="k"), **readings)

    assert seen(run(state, batch(unknown, key="k"), **readings)) == ("replay", 422, True, ())


def test_an_item_that_lacks_a_member_refuses_the_batch_when_readings_go_by_kind() -> None:
    decision = decide(small_state(), batch(new, problems=incomplete), **_one("malformed_item", "by-kind"))

    assert seen(decision) == MALFORMED


def test_a_bad_check_digit_can_fail_its_item_alone() -> None:
    readings = {**_one("gtin_check_digit", "enforced"), **_one("malformed_item", "by-kind")}

    assert seen(decide(small_state(), batch(bad_digit, new), **readings)) == (200, "ec")


def test_a_key_lives_a_day_from_its_last_replay_when_so_read() -> None:
    """The key is replayed after 20 hours and sent again after 40. Only `last-replay` still has its answer."""
    for answer, expected in [("first-answer", (200, "e")), ("last-replay", REPLAYED)]:
        state, readings = small_state(), _one("lifetime_from", answer)
        run(state, keyed, **readings)
        run(state, keyed, NOW + timedelta(hours=20), **readings)

        assert seen(run(state, keyed, NOW + timedelta(hours=40), **readings)) == expected


def test_every_place_may_say_yes_when_each_item_must() -> None:
    readings = _one("consent_place", "top-level-or-every-item")

    assert seen(decide(full(), batch(yes, yes._replace(serial_number="S-9")), **readings)) == (200, "cc")
    assert seen(decide(full(), batch(new, consent=GIVEN), **readings)) == (200, "c")


def test_a_refused_shape_never_takes_more_than_is_left() -> None:
    state = small_state(writes_left=2)
    run(state, batch(*items(3), problems=ill_valued), **_one("refused_shape", "every-item"))

    assert state.account.writes_used == 2


def _one(field: str, answer: str) -> dict[str, Any]:
    return {field: type(getattr(Readings(), field))(answer)}


SHOWN_BY_A_TEST_OF_ITS_OWN = {  # above, in test_readings_over_http.py and those of related endpoints
    ("created_data", "trimmed"),
    ("archived_changes", "made"),
    ("limit_out_of_range", "clamped"),
    ("pair_after_removal", "stays-taken"),
    ("slot_returns", "never"),
    ("fingerprint", "parsed-json"),
    ("fingerprint", "raw-bytes"),
    ("gtin_spellings", "13-padded"),
    ("gtin_spellings", "8-12-13-14-padded"),
    ("key_syntax", "uuid"),
    ("lifetime_from", "last-replay"),
    ("read_your_writes", "seconds-later"),
    ("refusal_headers", "none"),
    ("refusal_headers", "ratelimit"),
    ("serial_domain", "gs1-1-to-20"),
    ("identifier", "ignored"),
    ("in_flight_headers", "retry-after"),
    ("unknown_category", "accepted"),
    ("unknown_members", "refused"),
}


def test_no_answer_goes_without_a_test() -> None:
    answers = {
        (each.name, answer)
        for each in fields(Readings)
        for answer in type(getattr(Readings(), each.name))
        if answer != getattr(Readings(), each.name)
    }

    assert {(case.field, case.answer) for case in CASES} | SHOWN_BY_A_TEST_OF_ITS_OWN == answers
