"""What an idempotency key names, and which answers are stored under it, by reading."""

from typing import Any

import pytest

from tracepass_contract.mockserver.semantics.checks.replay import is_remembered, key_in_force, key_name
from tracepass_contract.mockserver.semantics.types.readings import (
    KeyIdentity,
    KeyOutOfRange,
    Readings,
    RememberedOutcomes,
)
from tracepass_contract.mockserver.tests.builders import batch, items


@pytest.mark.parametrize(
    ("identity", "changes", "same"),
    [
        (KeyIdentity.WORKSPACE, {"api_key": "tp_other"}, True),
        (KeyIdentity.WORKSPACE, {"operation": "createPassport"}, True),
        (KeyIdentity.WORKSPACE_AND_ENDPOINT, {"api_key": "tp_other"}, True),
        (KeyIdentity.WORKSPACE_AND_ENDPOINT, {"operation": "createPassport"}, False),
        (KeyIdentity.API_KEY, {"api_key": "tp_other"}, False),
        (KeyIdentity.API_KEY, {"operation": "createPassport"}, False),
        (KeyIdentity.API_KEY, {"idempotency_key": "k-2"}, False),
        (KeyIdentity.API_KEY, {}, True),
    ],
)
def test_a_key_is_the_same_as_the_reading_has_it(identity: KeyIdentity, changes: dict[str, Any], same: bool) -> None:
    one, readings = batch(*items(1), key="k-1"), Readings(key_identity=identity)
    other = one._replace(**changes)

    assert key_name(one, readings) is not None
    assert (key_name(one, readings) == key_name(other, readings)) is same
    assert key_name(one._replace(idempotency_key=None), readings) is None


@pytest.mark.rule("idempotency.key-is-opaque")
@pytest.mark.parametrize(("length", "kept"), [(0, False), (1, True), (255, True), (256, False)])
def test_a_key_of_1_to_255_characters_is_one_where_others_are_ignored(length: int, kept: bool) -> None:
    readings = Readings(key_out_of_range=KeyOutOfRange.IGNORED)

    assert (key_in_force("k" * length, readings) is not None) is kept


@pytest.mark.parametrize(
    ("outcomes", "kept"),
    [
        (RememberedOutcomes.SUCCESS_2XX, {200, 299}),
        (RememberedOutcomes.EXECUTED, set()),
        (RememberedOutcomes.ALL, {200, 299, 300, 400, 429, 430, 499, 500, 501}),
        (RememberedOutcomes.ALL_BUT_429_AND_5XX, {200, 299, 300, 400, 430, 499}),
    ],
)
def test_a_refusal_is_kept_as_the_reading_has_it(outcomes: RememberedOutcomes, kept: set[int]) -> None:
    readings, statuses = Readings(remembered_outcomes=outcomes), (200, 299, 300, 400, 429, 430, 499, 500, 501)

    assert {status for status in statuses if is_remembered(status, readings, executed=False)} == kept
