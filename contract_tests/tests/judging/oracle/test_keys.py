"""What is said of idempotency keys and of pairs."""

from copy import deepcopy

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import Story, answered, batch, passport

KEY = "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c"


def test_a_replay_is_the_first_result_again() -> None:
    story, body = Story(), batch("a", "a")
    first = story.executed(body, "ce", key=KEY)

    story.call(body, 201, first, key=KEY)

    assert story.broken() == set()
    assert story.kept() >= {"idempotency.replays-original", "idempotency.covers-whole-batch"}
    assert story.observed()["idempotency.replay-equality"] == ["same-bytes"]


def test_a_key_that_is_passed_over_breaks_the_rule() -> None:
    story, body = Story(), batch("a", "b")
    story.executed(body, "cc", key=KEY)

    story.executed(body, "ee", key=KEY)

    assert story.broken() == {"idempotency.replays-original"}


def test_a_replay_with_other_ids_breaks_the_rule() -> None:
    story, body = Story(), batch("a")
    story.executed(body, "c", key=KEY)

    story.executed(body, "c", key=KEY)

    assert story.broken() == {"idempotency.replays-original"}


def test_a_replay_in_another_class_of_status_breaks_the_rule() -> None:
    story, body = Story(), batch("a")
    first = story.executed(body, "c", key=KEY)

    story.call(body, 409, first, key=KEY)

    assert story.broken() == {"idempotency.replays-original"}


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_key_with_another_body_is_refused(status: int) -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)

    story.refused(batch("b"), status, key=KEY)

    assert story.broken() == set()
    assert story.observed()["idempotency.key-reuse"] == [str(status)]


def test_a_key_with_another_body_that_is_served_breaks_the_rule() -> None:
    executed, old = Story(), Story()
    executed.executed(batch("a"), "c", key=KEY)
    first = old.executed(batch("a"), "c", key=KEY)

    executed.executed(batch("b"), "c", key=KEY)
    old.call(batch("b"), 200, first, key=KEY)

    assert executed.broken() == {"idempotency.refuses-another-body"}
    assert "idempotency.refuses-another-body" in old.broken()


def test_a_key_is_no_key_of_single_items() -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)
    second = answered(batch("a", "b"), "cc", "new")
    second["results"][0] = deepcopy(first["results"][0])

    story.call(batch("a", "b"), 200, second, key=KEY)

    assert story.broken() == {"idempotency.covers-whole-batch"}


def test_the_form_of_a_body_counts_as_the_deployment_has_it() -> None:
    body = batch("a")
    spaced = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    sorted_ = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    lenient, strict, mixed = Story(), Story(), Story()
    for story in (lenient, strict, mixed):
        first = story.executed(body, "c", key=KEY)
        story.call(spaced, 200, first, key=KEY) if story is lenient else story.refused(spaced, 422, key=KEY)
        story.refused(sorted_, 422, key=KEY) if story is not mixed else story.call(sorted_, 200, first, key=KEY)

    assert lenient.broken() == strict.broken() == set()
    assert lenient.observed()["idempotency.fingerprint"] == ["parsed-json"]
    assert strict.observed()["idempotency.fingerprint"] == ["raw-bytes"]
    assert mixed.broken() == {"idempotency.replays-original"}


def test_calls_with_one_key_at_once_are_answered_as_one() -> None:
    right, wrong = Story(), Story()
    for story in (right, wrong):
        story.race("same key")
        story.refused(batch("a"), 409, key=KEY)
        story.executed(batch("a"), "c", key=KEY)
    wrong.executed(batch("a"), "c", key=KEY)

    assert right.broken() == set()
    assert "idempotency.executes-once" in right.kept()
    assert wrong.broken() == {"idempotency.executes-once"}


def test_what_is_kept_of_a_refusal_is_observed() -> None:
    story = Story()
    story.refused(batch("a", "b"), 402, "overage_required", key=KEY)

    story.executed(batch("a"), "c", key=KEY)

    assert story.broken() == set()
    assert story.observed()["idempotency.remembered-outcomes"] == ["2xx", "executed"]


def test_a_key_lives_for_a_day_and_may_live_longer() -> None:
    for hours, again, broken in ((23, "e", True), (23, "", False), (25, "e", False), (25, "", False)):
        story = Story()
        first = story.executed(batch("a"), "c", key=KEY)
        story.later(hours=hours)
        if again:
            story.executed(batch("a"), again, key=KEY)
        else:
            story.call(batch("a"), 200, first, key=KEY)

        assert story.broken() == ({"idempotency.kept-24-hours"} if broken else set())


def test_a_pair_is_created_once() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.executed(batch("b", "a"), "ce", key=KEY)

    assert story.broken() == set()
    story.executed(batch("c", "a"), "cc")
    assert story.broken() == {"items.serial-unique-per-gtin"}


def test_both_of_a_pair_twice_in_one_batch_are_one_too_many() -> None:
    story = Story()

    story.executed(batch("a", "a"), "cc")

    assert story.broken() == {"items.serial-unique-per-gtin"}


def test_a_lost_call_may_have_created() -> None:
    for outcome in "ce":
        story = Story()
        story.executed(batch("z"), "c")
        story.call(batch("a"), None)
        story.executed(batch("a"), outcome)

        assert story.judged().findings
        assert story.broken() == set()
        assert Verdict.INCONCLUSIVE not in {finding.verdict for finding in story.judged().findings}


def test_a_pair_may_be_free_after_a_delete() -> None:
    story = Story()
    first = story.executed(batch("a"), "c")
    path = f"/api/v1/passports/{first['results'][0]['data']['_id']}"
    story.call(b"", 200, {}, method="DELETE", path=path)

    story.executed(batch("a"), "c")

    assert story.broken() == set()


@pytest.mark.parametrize(
    ("status", "workspace", "rule"),
    [
        (429, "main", "budget.refuses-whole-batch"),
        (402, "main", "quota.asks-for-consent"),
        (401, None, "auth.bearer-required"),
    ],
)
def test_a_refusal_that_leaves_something_behind_breaks_its_rule(status: int, workspace: str | None, rule: str) -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.refused(batch("a", "b"), status, "overage_required", workspace=workspace)

    story.executed(batch("a"), "e")

    assert story.broken() == {rule}


def test_an_item_that_fails_for_its_neighbour_breaks_the_rule() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.executed(batch("a", "z"), "ee")

    story.executed(batch("a"), "c")

    assert story.broken() == {"items.fail-independently"}


def test_an_item_that_fails_for_no_visible_reason_decides_nothing() -> None:
    story = Story()
    story.executed(batch("z"), "c")

    story.executed(batch("a"), "e")

    assert story.broken() == set()


def test_serials_are_the_same_as_the_deployment_has_it() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.executed(batch("A"), "e")

    assert story.broken() == set()
    assert story.observed()["items.serial-equality"] == ["case-folded"]


def test_an_answer_of_another_call_is_nobodys() -> None:
    unkeyed, spelled, foreign = Story(), Story(), Story()
    for story in (unkeyed, spelled, foreign):
        first = story.executed(batch("a"), "c", key=None if story is unkeyed else "key-a")
        if story is foreign:
            story.workspace = "other"
        story.call(batch("a"), 200, first, key={id(unkeyed): None, id(spelled): "KEY-A"}.get(id(story), "key-a"))

    assert unkeyed.broken() == {"idempotency.key-is-optional"}
    assert spelled.broken() == {"idempotency.key-is-opaque"}
    assert foreign.broken() == {"idempotency.scoped-to-workspace"}


def test_a_created_item_without_the_documented_members_breaks_the_shape() -> None:
    story = Story()
    item = passport("a")
    del item["productId"]

    story.executed(orjson.dumps({"passports": [item]}), "c")

    assert story.broken() == {"batch.same-shape-as-single"}


def test_a_batch_that_is_refused_whole_for_an_item_that_exists_breaks_the_rule() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.refused(batch("b", "a"), 409)

    assert story.broken() == {"items.fail-independently"}


def test_a_batch_that_is_refused_whole_for_an_inner_duplicate_is_legal() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.refused(batch("b", "b"), 409)

    assert story.broken() == set()
    assert story.observed()["items.duplicate-in-batch"] == ["whole-refused"]


def test_calls_without_a_key_that_are_all_refused_break_the_rule() -> None:
    story = Story()
    story.executed(batch("a"), "c", key=KEY)

    story.refused(batch("b"), 400)

    assert story.broken() == {"idempotency.key-is-optional"}


def test_calls_without_a_key_know_nothing_of_each_other() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.executed(batch("a"), "e")

    assert "idempotency.key-is-optional" in story.kept()


def test_a_large_batch_that_is_refused_where_small_ones_are_not_breaks_the_rule() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.refused(batch(*(f"n{index}" for index in range(100))), 413)

    assert story.broken() == {"batch.holds-1-to-100-items"}


@pytest.mark.parametrize(
    ("status", "serial", "hours", "broken"),
    [(200, "a", 0, False), (200, "b", 0, True), (404, "a", 0, False), (404, "a", 1, True)],
)
def test_what_was_created_can_be_read_back(status: int, serial: str, hours: int, broken: bool) -> None:
    story = Story()
    first = story.executed(batch("a"), "c")
    if hours:
        story.later(hours=hours)
    path = f"/api/v1/passports/{first['results'][0]['data']['_id']}"

    story.call(b"", status, passport(serial), method="GET", path=path)

    assert story.broken() == ({"items.created-is-readable"} if broken else set())


def test_what_is_there_seconds_later_is_a_reading() -> None:
    story = Story()
    path = f"/api/v1/passports/{story.executed(batch('a'), 'c')['results'][0]['data']['_id']}"

    story.call(b"", 404, passport("a"), method="GET", path=path)
    story.later(hours=0.001)
    story.call(b"", 200, passport("a"), method="GET", path=path)

    assert {finding.verdict for finding in story.judged().findings} == {Verdict.CONFORMS}
    assert story.observed()["items.read-your-writes"] == ["seconds-later"]


def test_a_passport_is_read_by_its_own_workspace_only() -> None:
    """That another does not find it is no breach, however late; that it does is one."""
    story = Story()
    path = f"/api/v1/passports/{story.executed(batch('a'), 'c')['results'][0]['data']['_id']}"
    story.later(hours=1)

    story.call(b"", 404, {"error": "x"}, method="GET", path=path, workspace="other")
    assert story.broken() == set()

    story.call(b"", 200, passport("a"), method="GET", path=path, workspace="other")
    assert story.broken() == {"auth.workspaces-are-separate"}


@pytest.mark.parametrize(("status", "answer"), [(400, "refused"), (200, "clamped")])
def test_a_page_that_is_too_large_shows_a_reading(status: int, answer: str) -> None:
    story = Story()

    story.call(b"", status, {"data": {"items": []}}, method="GET", path="/api/v1/passports?limit=101")

    assert story.observed() == {"reads.limit-out-of-range": [answer]}


def test_a_402_that_consent_would_cure_says_so() -> None:
    story = Story(slots_left=1, overage_supported=True)
    story.executed(batch("a"), "c")

    story.refused(batch("b"), 402, "payment_required")

    assert story.broken() == {"quota.asks-for-consent"}


@pytest.mark.parametrize(("outcome", "broken"), [("cc", set()), ("ee", {"idempotency.replays-original"})])
def test_a_lost_call_that_comes_again_under_its_key_was_executed_once(outcome: str, broken: set[str]) -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.call(batch("a", "b"), None, key=KEY)

    story.executed(batch("a", "b"), outcome, key=KEY)

    assert story.broken() == broken


def test_two_bodies_under_one_key_at_once_are_not_both_executed() -> None:
    story = Story()
    story.race("one key")
    story.executed(batch("a"), "c", key=KEY)

    story.executed(batch("b"), "c", key=KEY)

    assert story.broken() == {"idempotency.executes-once"}


def test_a_good_item_that_fails_beside_others_again_and_again_breaks_the_rule() -> None:
    story = Story()
    story.executed(batch("z"), "c")
    story.executed(batch("a", "z"), "ee")
    assert story.broken() == set()

    story.executed(batch("z", "b"), "ee")

    assert story.broken() == {"items.fail-independently"}


def test_the_result_of_another_body_is_no_result_whoever_asks() -> None:
    story = Story()
    first = story.executed(batch("a"), "c", key=KEY)

    story.call(batch("b", "c"), 200, first, key=KEY, credential="second")

    assert story.broken() == {"idempotency.refuses-another-body"}


def test_a_403_may_be_kept_under_its_key_too() -> None:
    story = Story()
    story.executed(batch("a"), "c")
    story.refused(batch("b"), 403, key=KEY)

    story.refused(batch("a", "c"), 422, key=KEY)

    assert story.broken() == set()


def test_the_day_of_a_key_may_have_begun_with_a_lost_call() -> None:
    """What is answered an hour later is its answer, given again; a day after the lost call the key is forgotten."""
    story, body = Story(), batch("a")
    story.call(body, None, key=KEY)
    story.later(hours=1)
    story.executed(body, "c", key=KEY)
    story.later(hours=23.5)

    story.executed(body, "e", key=KEY)

    assert story.broken() == set()


@pytest.mark.parametrize(("hours", "broken"), [(23.5, {"idempotency.replays-original"}), (24.5, set())])
def test_a_lost_call_is_remembered_for_a_day(hours: float, broken: set[str]) -> None:
    """It was executed. Its retry within a day is to give its result; after that the key may be forgotten."""
    story, body = Story(), batch("a")
    story.executed(batch("z"), "c")
    story.call(body, None, key=KEY)
    story.later(hours=hours)

    story.executed(body, "e", key=KEY)

    assert story.broken() == broken


def test_a_key_that_is_new_again_may_have_been_used_with_another_api_key() -> None:
    """After a day the second API key uses it for another body; then the first one is given that result again."""
    story = Story(slots_left=2, writes_left=9, exclusive=True, overage_supported=False)
    story.executed(batch("a"), "c", key=KEY)
    story.later(hours=24.5)
    second = story.executed(batch("b", "a"), "ce", key=KEY, credential="second")
    story.later(hours=1)

    story.call(batch("b", "a"), 200, second, key=KEY)

    assert story.broken() == set()
    assert set(story.observed()["idempotency.key-identity"]) == {"workspace", "workspace-and-endpoint"}


def test_a_lost_call_without_a_key_is_not_remembered() -> None:
    """It was executed; the same without a key is another call, and its pair exists."""
    story, body = Story(), batch("a")
    story.executed(batch("z"), "c")
    story.call(body, None)

    story.executed(body, "e")

    assert story.broken() == set()


def test_two_passports_of_a_batch_do_not_have_the_same_id() -> None:
    story, body = Story(), batch("a", "b")
    answer = answered(body, "cc")
    answer["results"][1]["data"]["_id"] = answer["results"][0]["data"]["_id"]

    story.call(body, 200, answer)

    assert story.broken() == {"items.created-carries-data"}


def test_the_same_bytes_under_their_key_are_not_refused() -> None:
    """They were executed before; an hour later the key has long to live."""
    story, body = Story(), batch("a")
    story.executed(body, "c", key=KEY)
    story.later(hours=1)

    story.refused(body, 422, key=KEY)

    assert story.broken() == {"idempotency.kept-24-hours"}


def test_what_failed_of_a_fault_can_be_created_once_that_is_mended() -> None:
    """Its product was unknown; with a product of the workspace the pair is new, and yet it fails."""
    story = Story()
    story.executed(batch("z"), "c")
    unknown = orjson.dumps({"passports": [{**passport("a"), "productId": "0" * 24}]})
    story.executed(unknown, "e")

    story.executed(batch("a"), "e")

    assert story.broken() == {"items.created-is-readable"}


def test_a_key_is_not_held_by_a_call_that_was_lost_a_day_before_it() -> None:
    """To the second: what was executed then is kept for a day of its own."""
    story, body = Story(), batch("a")
    story.call(body, None, key=KEY)
    story.later(hours=24, seconds=-1)
    story.executed(body, "c", key=KEY)
    story.later(hours=1)

    story.executed(body, "e", key=KEY)

    assert story.broken() == {"idempotency.kept-24-hours"}


def test_a_lost_call_of_another_api_key_is_remembered_for_it() -> None:
    """Either the first API key was to get its result, or the second one, when it came again."""
    story, body = Story(), batch("a")
    story.executed(batch("z"), "c")
    story.call(body, None, key=KEY, credential="second")
    failed = story.executed(body, "e", key=KEY)
    assert story.broken() == set()

    story.call(body, 200, failed, key=KEY, credential="second")

    assert story.broken() == {"idempotency.replays-original"}


def test_a_call_that_failed_in_the_server_is_over_when_it_is_answered() -> None:
    story, body = Story(), batch("a")
    story.call(body, 500, {"error": "No"}, key=KEY)
    story.executed(body, "c", key=KEY)

    story.refused(body, 409, key=KEY)

    assert story.broken() == {"idempotency.replays-original"}


@pytest.mark.parametrize(("outcome", "broken"), [("c", {"idempotency.replay-changes-nothing"}), ("e", set())])
def test_a_result_that_is_given_after_a_day_is_a_replay_where_it_tells_of_a_passport(
    outcome: str, broken: set[str]
) -> None:
    """It took a write. A call of which all failed may have been executed again, with the same result."""
    story = Story(writes_left=5, writes_per_day=5)
    story.executed(batch("z"), "c")
    first = story.executed(batch("a" if outcome == "c" else "z"), outcome, key=KEY)
    story.later(hours=25)
    story.call(batch("a" if outcome == "c" else "z"), 200, first, key=KEY)

    story.refused(batch(*"12345"), 429, "Daily write budget exceeded")

    assert story.broken() == broken


def test_a_key_that_is_too_long_to_be_one_names_nothing() -> None:
    story = Story()
    story.executed(batch("a"), "c", key="x" * 256)

    story.executed(batch("b"), "c", key="x" * 256)

    assert story.broken() == set()
