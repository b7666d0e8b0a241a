"""Passports that are read back, and pages: which call shows what, and when."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.tests.helpers.histories import Story, batch, passport

PASSPORTS = "/api/v1/passports"
READ_YOUR_WRITES = "items.read-your-writes"
READABLE = "items.created-is-readable"


def created(story: Story, *serials: str, **about: Any) -> list[str]:
    """The paths of new passports."""
    results = story.executed(batch(*serials), "c" * len(serials), **about)["results"]
    return [f"{PASSPORTS}/{each['data']['_id']}" for each in results]


def read(story: Story, path: str, status: int | None, answer: Any = None, **about: Any) -> None:
    story.call(b"", status, answer, method="GET", path=path, **about)


def witnesses(story: Story, reading: str) -> list[list[int]]:
    return [list(seen.witnesses) for seen in story.judged().observations if seen.reading == reading]


@pytest.mark.parametrize("wrap", ["", "data", "passport"])
def test_a_passport_may_be_wrapped(wrap: str) -> None:
    right, wrong = Story(), Story()
    for story, serial in ((right, "a"), (wrong, "b")):
        (path,) = created(story, "a")
        read(story, path, 200, {wrap: passport(serial)} if wrap else passport(serial))

    assert READABLE in right.kept()
    assert wrong.broken() == {READABLE}


@pytest.mark.parametrize("answer", [[1], {"data": [1]}, {"data": {"gs1": "x"}}, {"other": passport("b")}, b"{"])
def test_an_answer_without_a_pair_says_nothing(answer: Any) -> None:
    story = Story()
    (path,) = created(story, "a")

    read(story, path, 200, answer)

    assert story.broken() == set()
    assert READABLE not in story.kept()


@pytest.mark.parametrize(
    "gs1", [{"gtin": "4012345000016"}, {"gtin": None}, {"serialNumber": "conf-R1-A "}, {"serialNumber": 7}]
)
def test_a_pair_is_read_back_but_for_its_spelling(gs1: dict[str, Any]) -> None:
    story, answer = Story(), passport("a")
    (path,) = created(story, "a")
    answer["gs1"].update(gs1)

    read(story, path, 200, answer)

    spelled_otherwise = gs1 in ({"gtin": "4012345000016"}, {"serialNumber": "conf-R1-A "})
    assert story.broken() == (set() if spelled_otherwise else {READABLE})


def test_what_is_read_at_once_shows_the_reading() -> None:
    """A second after the answer is at once; later than that tells nothing."""
    soon, later = Story(), Story()
    for story, wait in ((soon, 0), (later, 1)):
        first, second = created(story, "a", "b")
        if wait:
            story.later(seconds=wait)
        read(story, first, 200, passport("a"))
        read(story, second, 200, passport("b"))

    assert soon.observed()[READ_YOUR_WRITES] == ["immediate"]
    assert witnesses(soon, READ_YOUR_WRITES) == [[1]]
    assert READ_YOUR_WRITES not in later.observed()


def test_what_is_not_there_yet_decides_nothing_and_says_so() -> None:
    """Something else that was there at once is then no reading either."""
    story = Story()
    first, second = created(story, "a", "b")
    read(story, first, 200, passport("a"))
    read(story, second, 404)
    read(story, second, 404)

    undecided = [finding for finding in story.judged().findings if finding.verdict is Verdict.INCONCLUSIVE]
    assert [(finding.rule, list(finding.witnesses)) for finding in undecided] == [(READABLE, [1, 3, 4])]
    assert READ_YOUR_WRITES not in story.observed()


def test_every_passport_that_came_late_is_a_witness() -> None:
    story = Story()
    first, second = created(story, "a", "b")
    for path, serial in ((first, "a"), (second, "b")):
        read(story, path, 404)
        read(story, path, 200, passport(serial))

    assert story.observed()[READ_YOUR_WRITES] == ["seconds-later"]
    assert witnesses(story, READ_YOUR_WRITES) == [[1, 2, 3, 4, 5]]


@pytest.mark.parametrize(("seconds", "broken"), [(59, set()), (60, {READABLE})])
def test_a_minute_is_soon_enough(seconds: int, broken: set[str]) -> None:
    """Counted from the answer, or from the call where it is not known when it was answered."""
    story = Story()
    (path,) = created(story, "a")
    story.later(seconds=seconds)

    read(story, path, 404)

    assert story.broken() == broken


def test_a_read_of_what_was_deleted_or_is_nobodys_says_nothing() -> None:
    story = Story()
    (path,) = created(story, "a")
    story.call(b"", 200, {}, method="DELETE", path=path)
    story.later(hours=1)
    read(story, path, 404)
    read(story, f"{PASSPORTS}/nobody", 404)
    read(story, path, None)

    assert story.broken() == set()
    assert Verdict.INCONCLUSIVE not in {finding.verdict for finding in story.judged().findings}


def test_an_answer_of_another_workspace_that_shows_no_pair_is_no_breach() -> None:
    story = Story()
    (path,) = created(story, "a")

    read(story, path, 200, {"error": "not yours"}, workspace="other")
    read(story, path, 403, passport("a"), workspace="other")

    assert story.broken() == set()


@pytest.mark.parametrize(
    ("path", "status", "answers"),
    [
        (f"{PASSPORTS}?limit=101", 200, ["clamped"]),
        ("/api/v1/products?offset=1&limit=101", 422, ["refused"]),
        (f"{PASSPORTS}?limit=101", 400, ["refused"]),
        (f"{PASSPORTS}?limit=101", 404, None),
        (f"{PASSPORTS}?limit=100", 200, None),
        (f"{PASSPORTS}?limit=many", 400, None),
        (PASSPORTS, 200, None),
        ("/api/v1/templates?limit=101", 200, None),
    ],
)
def test_only_a_list_that_is_asked_for_too_much_shows_what_it_does(
    path: str, status: int, answers: list[str] | None
) -> None:
    got, posted = Story(), Story()
    read(got, path, status, {})
    posted.call(orjson.dumps({}), status, {}, method="PUT", path=path)

    assert got.observed().get("reads.limit-out-of-range") == answers
    assert posted.observed() == {}


def test_the_first_that_was_read_at_once_is_the_witness() -> None:
    story = Story()
    for serial in ("a", "b"):
        (path,) = created(story, serial)
        read(story, path, 200, passport(serial))

    assert witnesses(story, READ_YOUR_WRITES) == [[1]]


def test_how_soon_a_passport_is_there_is_counted_from_the_answer() -> None:
    story = Story()
    (path,) = created(story, "a", answered_at=story.now + timedelta(seconds=31))
    story.later(seconds=89)
    read(story, path, 404)

    assert story.broken() == set()
