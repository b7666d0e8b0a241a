"""Conforming variants: what they are, how they combine, and that the suite flags none of a few."""

import os
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import httpx
import pytest

from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.mutants import catalogue
from tracepass_contract.contract_tests.mutants.matrix.cell import Cell, Outcome
from tracepass_contract.contract_tests.mutants.matrix.conforming import (
    conforming,
    conforming_variants,
    masked,
    pairs_of,
    some,
)
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.mutants.matrix.kills import alarms_of, failures_of
from tracepass_contract.contract_tests.mutants.matrix.levels import LEVELS, SMALL
from tracepass_contract.contract_tests.mutants.matrix.reading_sets import alone as cards_alone
from tracepass_contract.contract_tests.mutants.matrix.runner import Kept, run_cells
from tracepass_contract.contract_tests.mutants.matrix.server_log import failure_in
from tracepass_contract.contract_tests.mutants.variants import variants
from tracepass_contract.contract_tests.mutants.variants.network import LOST_EVERY

NAMES = sorted(variants())
# each stands in one of these sets, but for those that take their time: they let callers wait, or lose what is sent
DRESSED = ("CV-04", "CV-05", "CV-07", "CV-09", "CV-12", "CV-14", "CV-19", "CV-28", "CV-37", "CV-45", "CV-46", "CV-50")
DECIDING = ("CV-18", "CV-25", "CV-27", "CV-38", "CV-51", "CV-90")
SLOW = ("CV-17", "CV-17a", "CV-17b", "CV-48", "NET-jitter", "NET-lost-answers", "NET-lost-calls", "NET-pieces")


def alarms(cells: Sequence[Cell]) -> Sequence[tuple[Cell, Outcome]]:
    found = list(run_cells(cells, Kept(None), jobs=os.cpu_count() or 1, tell=lambda _line: None))
    assert failures_of(found) == []
    return alarms_of(found)


@pytest.mark.parametrize("names", [DRESSED, DECIDING], ids=lambda names: names[0])
def test_many_at_once_are_not_flagged(names: Sequence[str]) -> None:
    """Words, members, ids, statuses, headers and media types in another dress; other decisions."""
    assert alarms([Cell(None, wire=names)]) == []


def test_every_conforming_variant_is_one_of_the_many_or_slow() -> None:
    assert sorted([*DRESSED, *DECIDING, *SLOW]) == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_conforming_variant_alone_is_flagged(name: str) -> None:
    assert alarms([Cell(None, wire=(name,))]) == []


def test_a_conforming_variant_says_what_is_different_and_why_it_may_be() -> None:
    for each in variants().values():
        assert each.what.endswith("."), each.id
        assert each.because, each.id
    assert set(conforming_variants()) == set(variants())
    assert not set(variants()) & set(catalogue())


def test_the_sets_have_every_two_together_that_can_be() -> None:
    """Few of them are enough."""
    sets = pairs_of(NAMES)
    together = {pair for each in sets for pair in combinations(each, 2)}

    alone = [pair for pair in combinations(NAMES, 2) if pair not in together]
    assert {tuple(name.rstrip("ab")[:8] for name in pair) for pair in alone} == {
        ("CV-17", "CV-17"),
        ("NET-lost", "NET-lost"),
    }
    assert len(sets) < 60


def test_the_runs_are_as_many_as_asked_for_and_the_same_each_time() -> None:
    runs = conforming(320)

    assert len(runs) == 320
    assert runs == conforming(320)
    assert {run.wire for run in runs} >= {(name,) for name in NAMES}
    assert [run for run in runs if run.wire and run.readings]
    assert {run.level for run in runs} == {*LEVELS, SMALL}


def test_a_mask_leaves_its_fault_in_sight() -> None:
    """Each keeps the readings of a profile, and has nothing that hides the fault."""
    cells, skipped = masked(list(catalogue().values()))

    for cell in cells:
        fault = catalogue()[cell.mutant or ""]
        answers = {f"{reading}={answer}" for reading, answer in cell.readings.items()}
        assert not {*answers, *cell.wire} & set(fault.hidden_by)
        assert any(profile.items() <= cell.readings.items() for profile in fault.profiles)
    assert len(cells) == 3 * len(catalogue())
    assert skipped == []


def test_what_hides_a_fault_is_an_answer_or_a_conforming_variant() -> None:
    known = {f"{reading}={answer}" for card in cards_alone() for reading, answer in card.items()}
    for fault in catalogue().values():
        assert set(fault.hidden_by) <= known | set(variants()), fault.id


@pytest.mark.parametrize("name", ["NET-lost-answers", "NET-lost-calls", "NET-pieces"])
def test_a_planned_fault_meets_what_the_network_does(name: str, tmp_path: Path) -> None:
    """Each call is to lose its answer, those that are lost anyway too: the server does not fail."""
    log = tmp_path / "log"
    log.touch()
    with forked_mock(["--variant", name], log) as url, httpx.Client(base_url=url.removesuffix("/api/v1")) as client:
        workspace = client.post("/_mock/workspaces", json={}).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {workspace['api_key']}"
        for _ in range(LOST_EVERY + 1):
            client.post("/_mock/workspaces/workspace-1/faults", json={"kind": "lose-response"}).raise_for_status()
            with pytest.raises(httpx.TransportError):
                client.get("/api/v1/passports")

    assert failure_in(log.read_text(encoding="utf-8")) == ""


def test_chance_takes_one_of_a_kind() -> None:
    dice = clock.dice(1)
    for _ in range(200):
        chosen = some(NAMES, dice)
        assert len({name.rstrip("ab") for name in chosen}) == len(chosen)
