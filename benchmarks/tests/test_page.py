"""The page says what was measured, and nothing else."""

import re

import pytest

from benchmarks.page import costs, parts, rates, reasons, targets
from benchmarks.page import page as pages
from benchmarks.page.page import page
from benchmarks.tests.runs import cells, rounds_of, run


def test_targets_that_are_met_and_not_met_are_distinguished() -> None:
    """The mock has 0.95 of the floor and 5 times plain Connexion; a reset takes 6.5 ms."""
    text = page(run(ours=950, floor=1000, connexion=190, full=900))

    assert "| 100-item batches: 1.0 or more of the floor | 0.95 | **no** |" in text
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


def test_the_slowest_family_of_rules_counts() -> None:
    found = run(ours=950)
    found["suite"] = {"whole": {"seconds": 12.5}, "families": {"auth": {"seconds": 3.9}, "quota": {"seconds": 2.0}}}

    rows = {row.id: row for row in targets.rows(found)}

    assert (rows["suite"].met, rows["family"].figure, rows["family"].met) == (False, "3.9 s at most", True)


def test_one_peer_that_is_faster_is_enough() -> None:
    rows = targets.rows(run(ours=950, floor=1000, connexion=100, wiremock=1900))

    assert [row for row in rows if "peer" in row.target] == [
        targets.Row("peers-1", "1-item batches: not behind any peer", "0.50 of the fastest", False)
    ]


def test_the_worst_case_of_the_full_store_counts() -> None:
    """All but one are as fast as with the empty store."""
    found = run(ours=1000, full=1000)
    found["rounds"]["cells"]["full"]["100"] = rounds_of(500)

    rows = {row.target: row for row in targets.rows(found)}

    name = "requests/s with 1,000,000 passports, creates, replays, refusals: within 1.2 of the empty store"
    assert rows[name] == targets.Row("full-writes-per_second", name, "2.00 (batch of 100)", False)


def test_a_peer_that_was_not_measured_has_its_reason_on_the_page() -> None:
    assert "| Prism | nothing. Not measured: npm is not there |" in page(run(ours=950, floor=1000))


def test_medians_come_from_the_rounds() -> None:
    assert "| Ours | 951 |" in page(run(ours=951, floor=1000))


def test_every_part_of_a_run_is_on_the_page() -> None:
    text = page(run(ours=951, floor=1000, full=900))

    for part in (
        "A processor",
        "1234567",
        "parse (mockserver/http/call/body.py)",
        "25.0%",
        "1,200",
        "4.5 seconds",
        "judging",
    ):
        assert part in text


@pytest.mark.parametrize(
    "text",
    [
        pages._INTRO,
        rates._SERVERS,
        rates._LATENCY,
        rates._FULL,
        parts._FLAT,
        costs._COSTS,
        costs._LEFT,
    ],
)
def test_the_fixed_text_claims_no_figure(text: str) -> None:
    """Numbers of the fixed text are those of the plan of the measurement, never of its outcome."""
    assert set(re.findall(r"\d[\d,.]*", text)) <= {"1,000,000", "3.0.3,", "5", "429.", "99", "99."}


def test_cells_of_the_same_rate_have_a_ratio_of_one() -> None:
    found = cells(ours=700, full=700)

    assert targets.rows({"rounds": {"cells": found}})[6].figure is not None


def test_what_a_request_costs_stands_beside_the_floor() -> None:
    """200 µs, half of them in the mock's own http; the floor takes 80."""
    text = page(run(ours=951, floor=1000))

    assert "| own code: http | 100.0 | 0.0 |" in text
    assert "| own code | 150.0 | 60.0 |" in text
    assert "| Connexion | 50.0 | 0.0 |" in text
    assert "| **all** | 200.0 | 80.0 |" in text


def test_a_missed_target_has_its_reason_in_figures_of_the_run() -> None:
    """In its own code the mock takes 150 of 200 µs, the floor 60 of 80."""
    missed = reasons.of_missed(run(ours=500, floor=1000, connexion=100))

    reason = missed["1-item batches: 0.8 or more of the floor"]
    assert "costs 200 µs of the processor, in the floor 80 µs" in reason
    assert "+90 own code, +50 Connexion, -20 Starlette" in reason
    assert "10.00 times" in missed["100-item batches: 8 times plain Connexion or more"]


def test_the_reason_of_a_worst_case_says_how_the_others_are() -> None:
    """With the full store a batch of 100 has half of the requests; six other cases have as many as ever."""
    found = run(ours=1000, full=1000)
    found["rounds"]["cells"]["full"]["100"] = rounds_of(500)

    missed = reasons.of_missed(found)

    reason = missed["requests/s with 1,000,000 passports, creates, replays, refusals: within 1.2 of the empty store"]
    assert reason.startswith("That is the worst of 7 cases; the one in the middle has 1.00.")


def test_a_slow_start_is_shown_beside_that_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "FOUND_OUT", {})
    found = run(ours=1000)
    found["measures"]["start"]["ready_seconds"] = 1.2
    assert "ready" in reasons.without(found)

    found["rounds"]["ready"] = {name: {"seconds": number} for number, name in enumerate(("ours", "connexion", "raw"))}

    reason = reasons.of_missed(found)["ready, from the command: under 0.5 s"]
    assert "ready after 0.00 s, plain Connexion with the same document after 1.00 s" in reason
    assert "a constant answer after 2.00 s" in reason

    found["rounds"]["cells"]["raw"] = {"1": rounds_of(20_000)}
    reason = reasons.of_missed(found)["ready, from the command: under 0.5 s"]
    assert reason.endswith("Here it reached 20,000, so that a second there is some 2.0 s here.")


def test_a_target_that_is_met_has_no_reason() -> None:
    found = run(ours=1000, floor=1000, connexion=100)
    found["measures"]["control"]["a reset"]["median_ms"] = 1

    assert reasons.of_missed(found) == {}
    assert "missed" not in page(found)


def test_a_missed_target_without_a_reason_is_distinguished(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reset takes 6.5 ms; nobody wrote down why, then somebody does."""
    found = run(ours=1000, floor=1000, connexion=100)

    assert reasons.without(found) == ["reset"]
    assert f"- *reset: under 5 ms*: {reasons.NOT_KNOWN}" in page(found)

    monkeypatch.setattr(reasons, "FOUND_OUT", {"reset": "It frees what was stored."})
    assert reasons.without(found) == []
    assert "- *reset: under 5 ms*: It frees what was stored." in page(found)


def test_reasons_are_of_targets_that_exist() -> None:
    ids = {row.id for row in targets.rows({})}

    assert reasons.FOUND_OUT.keys() | reasons.READ_OFF.keys() <= ids
    assert len(ids) == len(targets.rows({}))
