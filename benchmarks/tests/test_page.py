"""The page says what was measured, and nothing else."""

import re

import pytest

from benchmarks import page as pages
from benchmarks import page_of_parts, targets
from benchmarks.page import page
from benchmarks.tests.runs import cells, rounds_of, run


def test_targets_that_are_met_and_not_met_are_told_apart() -> None:
    """The mock has 0.95 of the floor and 5 times plain Connexion; a reset takes 6.5 ms."""
    text = page(run(ours=950, floor=1000, connexion=190, full=900))

    assert "| 100-item batches: 0.9 or more of the floor | 0.95 | yes |" in text
    assert "| 100-item batches: 8 times plain Connexion or more | 5.00 | **no** |" in text
    assert "| reset: under 5 ms | 6.50 ms | **no** |" in text
    assert "| memory of a stored passport: 600 bytes or less | 432 bytes | yes |" in text
    assert "| memory after 1,000,000 requests: within 1.2 of that after 100,000 | 1.05 | yes |" in text


def test_a_target_without_a_figure_is_not_met() -> None:
    """A quick run has no peers and no full store; nothing is claimed for them."""
    found = run(ours=950, floor=1000)
    del found["measures"]["flat"]

    rows = {row.target: row for row in targets.rows(found)}

    assert rows["1-item batches: not behind any peer"].met is None
    assert rows["memory after 1,000,000 requests: within 1.2 of that after 100,000"].met is None


def test_one_peer_that_is_faster_is_enough() -> None:
    rows = targets.rows(run(ours=950, floor=1000, connexion=100, wiremock=1900))

    assert [row for row in rows if "peer" in row.target] == [
        targets.Row("1-item batches: not behind any peer", "0.50 of the fastest", False)
    ]


def test_the_worst_case_of_the_full_store_counts() -> None:
    """All but one are as fast as with the empty store."""
    found = run(ours=1000, full=1000)
    found["rounds"]["cells"]["full"]["100"] = rounds_of(500)

    rows = {row.target: row for row in targets.rows(found)}

    name = "requests/s with 1,000,000 passports, creates, replays, refusals: within 1.2 of the empty store"
    assert rows[name] == targets.Row(name, "2.00 (batch of 100)", False)


def test_a_peer_that_was_not_measured_has_its_reason_on_the_page() -> None:
    assert "| Prism | nothing Not measured: npm is not there |" in page(run(ours=950, floor=1000))


def test_medians_come_from_the_rounds() -> None:
    assert "| Ours | 951 |" in page(run(ours=951, floor=1000))


def test_every_part_of_a_run_is_on_the_page() -> None:
    text = page(run(ours=951, floor=1000, full=900))

    for part in (
        "A processor",
        "1234567",
        "parse (mockserver/http/body.py)",
        "25.0%",
        "1,200",
        "4.5 seconds",
        "judging",
    ):
        assert part in text


@pytest.mark.parametrize("text", [pages._INTRO, pages._SERVERS, pages._FULL, page_of_parts._FLAT, page_of_parts._LEFT])
def test_the_fixed_text_claims_no_figure(text: str) -> None:
    """Numbers of the fixed text are those of the plan of the measurement, never of its outcome."""
    assert set(re.findall(r"\d[\d,.]*", text)) <= {"1,000,000", "3.0.3,", "5", "429."}


def test_cells_of_the_same_rate_have_a_ratio_of_one() -> None:
    found = cells(ours=700, full=700)

    assert targets.rows({"rounds": {"cells": found}})[6].figure is not None
