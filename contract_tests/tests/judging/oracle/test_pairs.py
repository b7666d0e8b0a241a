"""What a history shows of pairs: which exist, which are free, and which are the same."""

import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import KEY, Story, answered, batch, passport


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


def test_serials_are_the_same_as_the_deployment_has_it() -> None:
    story = Story()
    story.executed(batch("a"), "c")

    story.executed(batch("A"), "e")

    assert story.broken() == set()
    assert story.observed()["items.serial-equality"] == ["case-folded"]


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


def test_two_passports_of_a_batch_do_not_have_the_same_id() -> None:
    story, body = Story(), batch("a", "b")
    answer = answered(body, "cc")
    answer["results"][1]["data"]["_id"] = answer["results"][0]["data"]["_id"]

    story.call(body, 200, answer)

    assert story.broken() == {"items.created-carries-data"}
