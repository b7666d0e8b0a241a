"""The kill matrix: a slice of it, each fault once, and how its cells are summed up. `make matrix` runs the whole."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracepass_contract import spec
from tracepass_contract.contract_tests.mutants import Mutant, catalogue
from tracepass_contract.contract_tests.mutants.matrix.by_level import climbed
from tracepass_contract.contract_tests.mutants.matrix.cell import Cell, Outcome, Price, run_cell
from tracepass_contract.contract_tests.mutants.matrix.kills import Found, Row, alarms_of, cells_of, failures_of, rows_of
from tracepass_contract.contract_tests.mutants.matrix.levels import EVERYTHING, LEVELS, SMALL, STOCK
from tracepass_contract.contract_tests.mutants.matrix.page.page import as_page
from tracepass_contract.contract_tests.mutants.matrix.proof import Proof, as_data
from tracepass_contract.contract_tests.mutants.matrix.reading_sets import alone, by_chance, pairs
from tracepass_contract.contract_tests.mutants.matrix.runner import Kept, run_cells
from tracepass_contract.contract_tests.tests.helpers.command import check

EVERY = list(catalogue().values())
AT = Price(requests=7, seconds=0.5, writes=9, slots=3)


def run(cells: Sequence[Cell]) -> list[tuple[Cell, Outcome]]:
    return list(run_cells(cells, Kept(None), jobs=os.cpu_count() or 1, tell=lambda _line: None))


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.id)
def test_the_tests_of_its_rule_kill_every_mutant(mutant: Mutant) -> None:
    """Each once, under the first of its profiles, until the kill; whole runs and all the rest are for `make matrix`."""
    cells = cells_of([mutant], [1], first_profile=True, only_those=True, until_killed=True)

    (row,) = rows_of([mutant], [(cell, run_cell(cell)) for cell in cells])

    assert (row.killed, row.failures) == (True, []), row.described


def test_a_look_at_statuses_and_schemas_has_nothing_against_the_mock() -> None:
    ((_, outcome),) = run([Cell(None)])

    assert outcome.described == "survived"
    assert outcome.unlike == ""


@pytest.mark.parametrize(("mutant", "is_unlike"), [("IDM-28", False), ("SHP-03", True)])
def test_a_look_at_statuses_and_schemas_sees_only_what_is_said(mutant: str, is_unlike: bool) -> None:
    """A missing summary, and not a fault that shows in what is created. The oracle finds both in the same calls."""
    ((_, outcome),) = run([Cell(mutant, rules=(catalogue()[mutant].rule,), only_those=True)])

    assert outcome.described == "killed"
    assert bool(outcome.unlike) is is_unlike


@pytest.mark.parametrize("mutant", ["HTP-06", "SHP-12"])
def test_a_run_to_the_kill_begins_with_what_decides_and_ends_with_the_first_answer(mutant: str) -> None:
    """A dear test that only adds is left for later, and an answer of a wrong shape needs no test that says so."""
    rules = (catalogue()[mutant].rule,)

    outcome = run_cell(Cell(mutant, rules=rules, only_those=True, until_killed=True))

    assert outcome.described == "killed"
    assert outcome.whole is not None
    assert outcome.whole.requests < 100


def test_a_server_that_does_not_start_is_no_kill() -> None:
    ((_, outcome),) = run([Cell("ABC-99", rules=("errors.envelope",))])

    assert outcome.described == "no run"


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
    assert (rows[0].killed, rows[0].described, rows[0].others) == (
        False,
        "by another rule / killed",
        ["errors.envelope"],
    )
    proof = Proof([1, 2], rows)
    data = as_data(proof)
    assert (data["killed"], data["matrix"][0]["outcome"]) == (0, "by another rule / killed")
    assert "- **IDM-01** under `default`: by another rule / killed." in as_page(as_data(proof))
    assert not proof.holds


def test_an_alarm_on_a_server_that_conforms_is_shown_with_its_readings() -> None:
    unusual = Cell(None, {"batch.mixed-status": "207"})
    found = [(Cell(None), Outcome()), (unusual, Outcome({"errors.envelope": "expected x, found y"}))]

    assert alarms_of(found) == found[1:]
    assert "| 1 | errors.envelope: expected x, found y | `batch.mixed-status=207` |" in as_page(
        as_data(Proof([1], [], variants=found))
    )
    assert as_data(Proof([1], [], variants=found))["variants"]["alarms"][0]["readings"] == {"batch.mixed-status": "207"}


def test_the_page_shows_an_alarm_without_the_calls_behind_it() -> None:
    found = [(Cell(None), Outcome({"errors.envelope": "a check: expected x\n#!/bin/sh\ncurl"}))]

    page = as_page(as_data(Proof([1], [], variants=found)))

    assert page.startswith("# Conforming variants\n")
    assert "| 1 | errors.envelope: a check: expected x | `default` |\n" in page
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

    assert failures_of(found) == []
    assert [(cell.level, outcome.wrong) for cell, outcome in alarms_of(found)] == []
    assert len(found) == len(LEVELS)


def test_only_the_first_profile_with_the_first_seed_is_run_whole() -> None:
    """So the price of a kill is told of that run alone."""
    fault = catalogue()["QUO-01"]
    cells = cells_of([fault], [1, 2])

    assert [cell.only_those for cell in cells] == [False, *[True] * len(fault.profiles)]

    rows = rows_of([fault], [(cell, Outcome(killed_by="a check", at=AT)) for cell in cells])
    assert [list(row.prices("requests")) for row in rows] == [[AT.requests], *[[]] * (len(fault.profiles) - 1)]


def test_a_run_that_ends_with_the_kill_takes_less() -> None:
    fault = catalogue()["IDM-01"]

    _, second = cells_of([fault], [1, 2], first_profile=True)
    ((_, outcome),) = run([second])

    assert outcome.killed_by is not None
    assert outcome.at == outcome.whole


def test_a_fault_is_tried_until_a_level_kills_it() -> None:
    """One is killed at the first level, one at the second; the third never is, and stock Schemathesis sees one."""
    early, late, never = (catalogue()[each] for each in ("IDM-01", "BUD-01", "IDM-02"))
    tried: list[tuple[str | None, str]] = []

    def scripted(cells: Sequence[Cell]) -> Found:
        tried.extend((cell.mutant, cell.level) for cell in cells)
        return [(cell, outcome_of(cell)) for cell in cells]

    def outcome_of(cell: Cell) -> Outcome:
        if cell.mutant is None:
            return Outcome(whole=AT)
        if cell.level == STOCK:
            return Outcome({"a check": "x"} if cell.mutant == early.id else {})
        killed = cell.mutant == early.id or (cell.mutant == late.id and cell.level == LEVELS[1])
        return Outcome(killed_by="a check", at=AT) if killed else Outcome()

    climb = climbed([early, late, never], rows_of([never], [(Cell(never.id), Outcome())]), 1, scripted, stock=True)

    assert [rung.killed for rung in climb.rungs][:2] == [[early.id], [late.id]]
    assert climb.stock is not None
    assert (climb.small.killed, climb.stock.killed) == ([early.id], [early.id])
    assert [level for mutant, level in tried if mutant == late.id] == [*LEVELS[:2], SMALL, STOCK]
    assert [level for mutant, level in tried if mutant == never.id] == [*LEVELS[:-1], SMALL, STOCK]
    assert (None, EVERYTHING) in tried
    page = as_page(
        as_data(Proof([1], rows_of([never], [(Cell(never.id), Outcome(unlike="#1 answered 200"))]), climb=climb))
    )
    assert f"| {LEVELS[1]} | 1 | 2 | 7 | 7 |" in page
    assert "| the same answers, by schema and status only | 1 of 1 | 0 |" in page


def test_a_broken_server_is_no_survivor_beneath_a_mask_and_no_alarm() -> None:
    """It is named as what it is, once for each run."""
    broken = Outcome({"errors.envelope": "found 500"}, broken="KeyError: 'a'")
    proof = Proof([1], [], variants=[(Cell(None, wire=("CV-04",)), broken)], masked=[(Cell("IDM-01"), broken)])

    data = as_data(proof)
    assert (data["variants"]["alarms"], data["masked"]["survived"]) == ([], [])
    assert [(each["fault"], each["profile"]) for each in data["broken"]] == [(None, "CV-04"), ("IDM-01", "default")]
    assert "- **no fault** under `CV-04`: KeyError: 'a'" in as_page(data)
    assert not proof.holds


def test_alarms_with_one_cause_are_reported_once() -> None:
    wrong = Outcome({"errors.envelope": "expected x", "batch.atomic": "expected y"})
    long_card = {f"reading-{n}": "answer" for n in range(9)}
    found = [(Cell(None, long_card, wire=("CV-04",)), wrong), (Cell(None, {"a": "b"}), wrong)]

    page = as_page(as_data(Proof([1], [], variants=found)))

    assert "| 2 | errors.envelope: expected x | `a=b` |" in page
    assert page.count("expected x") == 1
    assert "reading-3" not in page


def test_a_fault_has_one_row_with_the_price_of_its_first_profile() -> None:
    fault = catalogue()["IDM-01"]
    dear = Price(requests=9, seconds=0.7, writes=11, slots=4)
    cells = [(Cell("IDM-01", seed=1), AT), (Cell("IDM-01", {"a": "b"}), dear)]
    rows = rows_of([fault], [(cell, Outcome(killed_by="a check", at=at, whole=at)) for cell, at in cells])

    page = as_page(as_data(Proof([1], rows)))

    assert f"| {fault.rule} | 2 of 2 | a check | 7 | 0.5 | 9 | 3 |" in page
    assert page.count("| IDM-01 |") == 1
    assert "| `a=b` | 1 | 1 |" in page


def test_the_page_of_a_report_is_written_again_without_a_run(tmp_path: Path) -> None:
    report, page = tmp_path / "report.json", tmp_path / "page.md"
    found = [(Cell("IDM-01"), Outcome(killed_by="a check", at=AT, whole=AT))]
    data = as_data(Proof([1], rows_of([catalogue()["IDM-01"]], found)))
    report.write_text(json.dumps(data))

    done = check("mutants", "--again", str(report), "--page", str(page))

    assert (done.code, done.stderr) == (0, "")
    assert page.read_text() == as_page(data)
