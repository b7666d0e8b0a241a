"""The kill matrix: a fast slice of it, and how its cells are summed up. `make matrix` runs the whole."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracepass_contract import spec
from tracepass_contract.contract_tests.matrix.cards import alone, by_chance, pairs
from tracepass_contract.contract_tests.matrix.cell import Cell, Outcome, Price
from tracepass_contract.contract_tests.matrix.climb import climbed
from tracepass_contract.contract_tests.matrix.kills import Found, Row, alarms_of, cells_of, rows_of
from tracepass_contract.contract_tests.matrix.levels import EVERYTHING, LEVELS, SMALL, STOCK
from tracepass_contract.contract_tests.matrix.page import as_page
from tracepass_contract.contract_tests.matrix.proof import Proof, as_data
from tracepass_contract.contract_tests.matrix.runner import Kept, run_cells
from tracepass_contract.contract_tests.mutants import FIRST_EIGHT, catalogue

EVERY = list(catalogue().values())
FEW = [catalogue()[each] for each in (*FIRST_EIGHT[:4], "QUO-03", "AUT-04", "CON-05", "VAL-18")]
AT = Price(requests=7, seconds=0.5, writes=9, slots=3)


def run(cells: Sequence[Cell]) -> list[tuple[Cell, Outcome]]:
    return list(run_cells(cells, Kept(None), jobs=os.cpu_count() or 1, tell=lambda _line: None))


def test_the_tests_of_its_rule_kill_each_of_a_few_faults() -> None:
    """With those tests alone; the others of the catalogue are for `make matrix`."""
    rows = rows_of(FEW, run(cells_of(FEW, [1], first_profile=True, only_those=True)))

    assert {row.fault.id: row.told for row in rows if not row.killed} == {}
    assert len(rows) == len(FEW)


@pytest.mark.slow
def test_the_tests_of_its_rule_kill_every_fault() -> None:
    rows = rows_of(EVERY, run(cells_of(EVERY, [1], first_profile=True, only_those=True)))

    assert {row.fault.id: row.told for row in rows if not row.killed} == {}


def test_a_look_at_statuses_and_schemas_has_nothing_against_the_mock() -> None:
    """Nor against a fault that shows in what is created and in nothing that is said; a missing summary it sees."""
    found = {cell.mutant: outcome for cell, outcome in run([Cell(None), Cell("IDM-28"), Cell("SHP-03")])}

    assert {mutant: bool(outcome.unlike) for mutant, outcome in found.items()} == {
        None: False,
        "IDM-28": False,
        "SHP-03": True,
    }


def test_a_server_that_does_not_start_is_no_kill() -> None:
    ((_, outcome),) = run([Cell("ABC-99", rules=("errors.envelope",))])

    assert outcome.told == "no run"


def test_what_was_run_is_not_run_again(tmp_path: Path) -> None:
    """The second time nothing is started; a line of talk says so."""
    cell, outcome = Cell("IDM-01"), Outcome({"a.rule": "wrong"}, killed_by="a check", at=AT, whole=AT)
    Kept(tmp_path / "kept").keep(cell, outcome, 60)
    talk: list[str] = []

    kept = Kept(tmp_path / "kept")
    again = list(run_cells([cell], kept, jobs=1, tell=talk.append))

    assert again == [(cell, outcome)]
    assert kept.minutes == 1
    assert talk == ["1 of 1 were run before"]


def test_a_kill_needs_a_rule_of_the_fault_with_every_seed() -> None:
    fault = catalogue()["IDM-01"]
    killed = Outcome({fault.rule: "wrong"}, killed_by="a check", at=AT)
    by_another = Outcome({"errors.envelope": "wrong"})

    rows = rows_of([fault], [(Cell("IDM-01", seed=2), by_another), (Cell("IDM-01", seed=1), killed)])

    assert rows == [Row(fault, "default", [killed, by_another])]
    assert (rows[0].killed, rows[0].told, rows[0].others) == (False, "by another rule / killed", ["errors.envelope"])
    proof = Proof([1, 2], rows)
    data = as_data(proof)
    assert (data["killed"], data["matrix"][0]["outcome"]) == (0, "by another rule / killed")
    assert "- **IDM-01** under `default`: by another rule / killed." in as_page(proof)
    assert not proof.holds


def test_an_alarm_on_a_server_that_conforms_is_shown_with_its_readings() -> None:
    odd = Cell(None, {"batch.mixed-status": "207"})
    found = [(Cell(None), Outcome()), (odd, Outcome({"errors.envelope": "expected x, found y"}))]

    assert alarms_of(found) == found[1:]
    assert "- `batch.mixed-status=207`: expected x, found y" in as_page(Proof([1], [], variants=found))
    assert as_data(Proof([1], [], variants=found))["variants"]["alarms"][0]["readings"] == {"batch.mixed-status": "207"}


def test_the_page_shows_an_alarm_without_the_calls_behind_it() -> None:
    found = [(Cell(None), Outcome({"errors.envelope": "a check: expected x\n#!/bin/sh\ncurl"}))]

    page = as_page(Proof([1], [], variants=found))

    assert "- `default`: a check: expected x\n" in page
    assert "curl" not in page


def test_every_card_can_be_run_with_and_breaks_no_rule() -> None:
    for card in [*alone(), *pairs(), *by_chance(20)]:
        assert spec.check_answers(card) == []
        assert not [r for r, answer in card.items() if spec.readings()[r].answers[answer].contradicts]


def test_the_pairs_have_every_two_answers_together() -> None:
    """Any two that can be, in one card at least; so few cards are enough."""
    cards = pairs()
    together = {(one, other) for card in cards for one in card.items() for other in card.items()}

    for card in alone():
        for other in alone():
            (one, two), both = (next(iter(card.items())), next(iter(other.items()))), {**card, **other}
            if one[0] != two[0] and not spec.check_answers(both):
                assert (one, two) in together
    assert len(cards) < 60


def test_no_level_of_knowledge_raises_an_alarm() -> None:
    """From the batch endpoint alone to a second workspace, and the smallest plan: the mock without a fault conforms."""
    found = run([Cell(None, level=level) for level in (*LEVELS[:-1], SMALL)])

    assert [(cell.level, outcome.wrong or outcome.error) for cell, outcome in alarms_of(found)] == []
    assert len(found) == len(LEVELS)


def test_a_run_that_ends_with_the_kill_takes_less() -> None:
    fault = catalogue()["IDM-01"]

    _, second = cells_of([fault], [1, 2], first_profile=True)
    ((_, outcome),) = run([second])

    assert outcome.killed_by is not None
    assert outcome.at == outcome.whole


def test_a_fault_is_tried_until_a_level_kills_it() -> None:
    """One is killed at the first level, one at the second; the third never is, and stock Schemathesis sees one."""
    early, late, never = (catalogue()[each] for each in ("IDM-01", "BUD-01", "IDM-02"))
    asked: list[tuple[str | None, str]] = []

    def scripted(cells: Sequence[Cell]) -> Found:
        asked.extend((cell.mutant, cell.level) for cell in cells)
        return [(cell, outcome_of(cell)) for cell in cells]

    def outcome_of(cell: Cell) -> Outcome:
        if cell.mutant is None:
            return Outcome(whole=AT)
        if cell.level == STOCK:
            return Outcome({"a check": "x"} if cell.mutant == early.id else {})
        killed = cell.mutant == early.id or (cell.mutant == late.id and cell.level == LEVELS[1])
        return Outcome(killed_by="a check", at=AT) if killed else Outcome()

    climb = climbed([early, late, never], rows_of([never], [(Cell(never.id), Outcome())]), 1, scripted)

    assert [rung.killed for rung in climb.rungs][:2] == [[early.id], [late.id]]
    assert (climb.small.killed, climb.stock.killed) == ([early.id], [early.id])
    assert [level for mutant, level in asked if mutant == late.id] == [*LEVELS[:2], SMALL, STOCK]
    assert [level for mutant, level in asked if mutant == never.id] == [*LEVELS[:-1], SMALL, STOCK]
    assert (None, EVERYTHING) in asked
    page = as_page(Proof([1], rows_of([never], [(Cell(never.id), Outcome(unlike="#1 answered 200"))]), climb=climb))
    assert f"| {LEVELS[1]} | 1 | 2 | 7 | 7 |" in page
    assert "| the answers of its runs, by schema and status only | 1 of 1 | 0 |" in page
