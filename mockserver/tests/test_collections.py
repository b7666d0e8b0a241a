"""Collections that consist of parts behave like one collection."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepass_contract.mockserver.state import collections
from tracepass_contract.mockserver.state.collections import Ascending, ById, ByText, Parted

KEYS = st.integers(0, 600).map(lambda number: f"{number:06x}")


@pytest.mark.parametrize("new", [ById, ByText])
@given(st.lists(st.tuples(st.sampled_from(["put", "drop", "spread"]), KEYS), max_size=40))
def test_a_dict_of_parts_is_a_dict(new: type[Parted[int]], steps: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collections, "_ONE_DICT", 4)
        entries, plain = new(), {}
        for nth, (what, key) in enumerate(steps):
            if what == "put":
                entries[key] = plain[key] = nth
            elif what == "drop":
                assert entries.pop(key, None) == plain.pop(key, None)
            elif isinstance(entries, ByText):
                entries.spread()
            assert (dict(entries), len(entries)) == (plain, len(plain))
            assert (key in entries, entries.get(key)) == (key in plain, plain.get(key))


def test_a_part_whose_entries_are_all_deleted_is_gone() -> None:
    entries: ById[int] = ById()
    entries.extend(["0001", "0002", "0101"], [1, 2, 3])

    del entries["0001"], entries["0002"]

    assert list(entries.parts()) == [{"0101": 3}]


def test_a_large_dict_is_spread_and_grows_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "_ONE_DICT", 4)
    entries: ByText[int] = ByText()
    for number in range(100):
        entries[str(number)] = number
        entries.spread()

    assert len(list(entries.parts())) > 1
    assert dict(entries) == {str(number): number for number in range(100)}


@given(st.sets(st.text("ab", max_size=6)), st.lists(st.text("ab", max_size=6)))
def test_those_that_are_there_are_found_in_any_order(there: set[str], keys: list[str]) -> None:
    """Some keys are too short to have a prefix."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collections, "_ONE_DICT", 4)
        entries: ByText[int] = ByText()
        entries.update(dict.fromkeys(there, 1))
        for _ in range(2):
            assert [key for key in keys if key in entries.part(key)] == [key for key in keys if key in there]
            entries.spread()


def test_ids_that_are_counted_stay_in_the_order_of_their_age() -> None:
    entries: ById[int] = ById()
    for number in range(600):
        entries[f"{number:06x}"] = number

    assert list(entries.values()) == list(range(600))
    assert len(list(entries.parts())) == 3


@given(st.integers(0, 300), st.integers(0, 600))
def test_ids_that_ascend_are_entered_together(first: int, count: int) -> None:
    ids = [f"{number:06x}" for number in range(first, first + count)]
    together: ById[int] = ById()
    together.extend(ids, range(count))

    assert list(together.items()) == list(zip(ids, range(count), strict=True))
    assert all(together[each] == nth for nth, each in enumerate(ids))


def test_to_ask_for_what_is_not_there_leaves_nothing_behind() -> None:
    entries: ById[int] = ById()

    assert entries.get("abc") is None
    assert "abc" not in entries
    assert not list(entries.parts())


@given(
    st.lists(st.integers(0, 9)), st.lists(st.tuples(st.booleans(), st.integers(0, 60))), st.integers(), st.integers()
)
def test_an_ascending_list_of_parts_is_a_sorted_list(
    sizes: list[int], changes: list[tuple[bool, int]], start: int, stop: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collections, "_PART", 4)
        texts, plain = Ascending(), list[str]()
        for size in sizes:
            more = [f"{2 * (len(plain) + nth):04d}" for nth in range(size)]
            texts.extend(more)
            plain += more
        for is_new, number in changes:
            text = f"{number:04d}"
            if is_new and text not in plain:
                texts.insert(text)
                plain = sorted([*plain, text])
            elif not is_new:
                texts.discard(text)
                plain = [each for each in plain if each != text]
        assert (list(texts), len(texts)) == (plain, len(plain))
        assert texts[start:stop] == plain[start:stop]
        assert texts[::-2] == plain[::-2]
        assert [texts[nth] for nth in range(-len(plain), len(plain))] == plain + plain


def test_a_part_that_gets_too_long_is_split_and_an_empty_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "_PART", 4)
    texts, plain = Ascending(), [f"{number:02d}" for number in range(0, 50, 10)]
    texts.extend(plain)
    for number in (5, 6, 7, 8, 9):
        texts.insert(f"{number:02d}")

    assert [len(part) for part in texts._full] == [4, 5]
    for text in list(texts)[:4]:
        texts.discard(text)
    assert [len(part) for part in texts._full] == [5]
    assert list(texts) == ["08", "09", "10", "20", "30", "40"]
