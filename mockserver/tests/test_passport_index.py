"""The index finds the same passports as a search through all of them."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepass_contract.mockserver.state import collections, passport_index, text_index
from tracepass_contract.mockserver.state.passport_index import SEARCHES_MAX, PassportIndex


class Entry(NamedTuple):
    id: str
    product_id: str
    status: str
    gtin: str
    serial_number: str


def small_parts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(text_index, "BLOCK", 4)
    patch.setattr(passport_index, "BLOCK", 4)
    patch.setattr(collections, "_PART", 4)


class Shelf:
    """Passports and their index, in blocks of four."""

    def __init__(self) -> None:
        self.passports: dict[str, Entry] = {}
        self.index = PassportIndex(self.passports)
        self.added = 0

    def add(self, product: str, serial: str, status: str = "draft") -> None:
        entry = Entry(f"{self.added:04d}", product, status, f"0950600000000{self.added % 2}", serial)
        self.added += 1
        self.passports[entry.id] = entry
        self.index.add([entry])

    def end(self, nth: int, status: str) -> None:
        before = list(self.passports.values())[nth % len(self.passports)]
        self.passports[before.id] = before._replace(status=status)
        self.index.move(before, self.passports[before.id])

    def remove(self, nth: int) -> None:
        self.index.remove(self.passports.pop(list(self.passports)[nth % len(self.passports)]))

    def looked_at_each(self, product: str | None, status: str | None, search: str | None) -> list[str]:
        needle = (search or "").casefold()
        return [
            each.id
            for each in self.passports.values()
            if product in {None, each.product_id}
            and status in {None, each.status}
            and (needle in each.gtin or needle in each.serial_number.casefold())
        ]


SERIALS = st.sampled_from(["A1", "a2", "b\n1", "0600", "ß", "SS 1", "\n", "serial-1", "Serial-12", "seriös"])
STATUSES = st.sampled_from(["draft", "suspended"])
PRODUCTS = st.sampled_from(["p", "q"])
STEPS = st.one_of(
    st.tuples(st.just("add"), PRODUCTS, SERIALS),
    st.tuples(st.just("add"), PRODUCTS, SERIALS),
    st.tuples(st.just("add"), PRODUCTS, SERIALS),
    st.tuples(st.just("end"), st.integers(0, 50), STATUSES),
    st.tuples(st.just("remove"), st.integers(0, 50)),
    st.tuples(
        st.just("find"),
        st.none() | PRODUCTS,
        st.none() | STATUSES,
        st.sampled_from([None, "", "a", "1", "06", "1\n", "SS", "ß", "0\n", "ser", "SERIAL-1", "serial-12", "serio"]),
    ),
)


@given(st.lists(STEPS, max_size=60))
def test_the_index_finds_what_a_look_at_each_passport_finds(steps: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        small_parts(patch)
        shelf = Shelf()
        for name, *values in steps:
            if name == "find":
                assert list(shelf.index.ids(*values)) == shelf.looked_at_each(*values)
                assert shelf.index.count(values[0], values[1]) == len(shelf.looked_at_each(values[0], values[1], None))
            elif name == "add" or shelf.passports:
                getattr(shelf, name)(*values)


def test_only_the_latest_searches_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    small_parts(monkeypatch)
    shelf = Shelf()
    for nth in range(10):
        shelf.add("p", f"S-{nth}")

    for nth in range(3 * SEARCHES_MAX):
        assert len(shelf.index.ids(None, None, f"s-{nth}")) == (nth < 10)

    assert len(shelf.index._searches) == SEARCHES_MAX


def test_only_the_latest_beginnings_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    small_parts(monkeypatch)
    monkeypatch.setattr(text_index, "PREFIXES_MAX", 3)
    shelf = Shelf()
    for nth in range(10):
        shelf.add("p", f"Serial-{nth}")

    for nth in (1, 2, 7, 1, 11):
        assert len(shelf.index.ids(None, None, f"serial-{nth}")) == (nth < 10)

    assert len(shelf.index._texts._noted) == 3


def test_new_blocks_are_searched_for_the_prefix_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole text is searched only in blocks that contain the prefix."""
    small_parts(monkeypatch)
    shelf = Shelf()
    looked: list[str] = []

    def contains(text: str, part: str) -> bool:
        looked.append(part)
        return part in text

    monkeypatch.setattr(text_index, "contains", contains)
    for nth in range(16):
        shelf.add("p", f"serial-{nth}")
    for nth in range(10, 16):
        shelf.index.ids(None, None, f"serial-{nth}")
    for nth in range(16):
        shelf.add("p", f"other-{nth}")
    looked.clear()

    for nth in range(10, 16):
        assert len(shelf.index.ids(None, None, f"serial-{nth}")) == 1
    assert looked == ["ser"] * len(looked) != []


def test_a_search_sees_what_was_added_and_removed_since_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks, between them and after them. An archived passport is in no list of drafts."""
    small_parts(monkeypatch)
    shelf = Shelf()
    for nth in range(22):
        shelf.add("pq"[nth % 2], {8: "z", 9: "y\nx"}.get(nth, "x"))
        if nth % 5 == 0:
            assert list(shelf.index.ids(None, None, "X")) == shelf.looked_at_each(None, None, "x")
    shelf.remove(2)
    shelf.remove(7)  # the z, which the search has not found
    shelf.end(5, "suspended")

    for query in [(None, None), ("p", None), ("q", None), (None, "draft"), ("p", "draft"), ("p", "suspended")]:
        for search in ("x", "06", "y\nx"):
            assert list(shelf.index.ids(*query, search)) == shelf.looked_at_each(*query, search)


def test_passports_that_share_a_gtin_are_all_found_by_it() -> None:
    every = [Entry(f"{nth:04d}", "p", "draft", "09506000000001", f"S-{nth}") for nth in range(3)]

    found = text_index.Block.of(every).ids_matching("0600", {each.id: each for each in every})

    assert found == ("0000", "0001", "0002")


def test_the_index_forgets_passports_that_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock that creates and deletes for weeks does not grow."""
    small_parts(monkeypatch)
    shelf = Shelf()
    for number in range(22):
        shelf.add("p", f"S-{number}")
    texts = shelf.index._texts

    for _ in range(19):
        shelf.remove(0)

    assert [id_ for block in texts.where("s-", 0) for id_ in block.ids] == ["0019", "0020", "0021"]
    assert texts.removed == set()
    assert shelf.index.ids(None, None, "s-2") == ["0020", "0021"]
