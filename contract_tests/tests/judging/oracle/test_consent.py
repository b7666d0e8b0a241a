"""Where a call says its consent, and under which readings that counts."""

import pytest

from tracepass_contract.contract_tests.judging.oracle.calls.consent import WAYS, consents, says_anything


@pytest.mark.parametrize(
    ("said", "items", "accepted"),
    [
        (None, [None], set()),
        (True, [None], {("top-level", "any"), ("top-level-or-any-item", "any"), ("top-level-or-every-item", "any")}),
        (None, [True, None], {("top-level-or-any-item", "any"), ("items-only", "any")}),
        (
            None,
            [True, True],
            {("top-level-or-any-item", "any"), ("items-only", "any"), ("top-level-or-every-item", "any")},
        ),
        (
            False,
            [True],
            {("top-level-or-any-item", "wins"), ("items-only", "any"), ("top-level-or-every-item", "wins")},
        ),
        (True, [False], {("top-level-or-any-item", "wins"), ("top-level", "any"), ("top-level-or-every-item", "wins")}),
        (None, [True, False], {("top-level-or-any-item", "wins"), ("items-only", "wins")}),
        ("true", [1], set()),
        (True, [], {("top-level", "any"), ("top-level-or-any-item", "any"), ("top-level-or-every-item", "any")}),
        (None, [], set()),
    ],
)
def test_consent_counts_where_it_is_read(said: object, items: list[object], accepted: set[tuple[str, str]]) -> None:
    """`wins`: only where one `true` outweighs what contradicts it; `any`: under both readings of a contradiction."""
    conflicts = {"any": ("any-true-wins", "strictest-wins"), "wins": ("any-true-wins",)}
    ways = {(place, conflict) for place, which in accepted for conflict in conflicts[which]}

    assert {way for bit, way in enumerate(WAYS) if consents(said, items) >> bit & 1} == ways


def test_anything_but_nothing_is_something_said() -> None:
    assert not says_anything(None, [None, None])
    assert says_anything(None, [None, False])
    assert says_anything("no", [])
