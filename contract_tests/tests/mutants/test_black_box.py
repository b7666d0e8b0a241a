"""Black-box mutation: what is changed, how a change is named, and what the suite says of a few of them."""

import ast
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tracepass_contract.contract_tests.model.history import Exchange, History
from tracepass_contract.contract_tests.model.outcomes import Unreachable
from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.mutants.black_box import trial
from tracepass_contract.contract_tests.mutants.black_box.command import (
    contradictions,
    drawn,
    mutate_mock_command,
    stale,
)
from tracepass_contract.contract_tests.mutants.black_box.kept import Kept
from tracepass_contract.contract_tests.mutants.black_box.mutations import Mutation, all_mutations, mutations_of
from tracepass_contract.contract_tests.mutants.black_box.page import as_page, result_of, score_of
from tracepass_contract.contract_tests.mutants.black_box.places import file_of
from tracepass_contract.contract_tests.mutants.black_box.survivors import Class, Reason, as_entries, load_survivors
from tracepass_contract.contract_tests.mutants.black_box.traffic import differing, traffic_of
from tracepass_contract.contract_tests.mutants.black_box.trial import Clean, Fate, Trial, tried
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.spec import rules
from tracepass_contract.spec.files import UnreadableFile

MODULE = "semantics.checks.budget"
CONFORMS = Clean(dict.fromkeys(rules(), Verdict.CONFORMS), [])  # as the mock does
SLICE = 6


@pytest.fixture(scope="module")
def everything() -> Sequence[Mutation]:
    return all_mutations()


def changes(body: str, operator: str) -> set[str]:
    source = "def f(a, b):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    return {each.became for each in mutations_of(MODULE, source) if each.operator == operator}


@pytest.mark.parametrize(
    ("body", "operator", "became"),
    [
        ("if a:\n    b.c()\nelse:\n    b.d()", "condition", {"if not a:"}),
        ("return [x for x in a if not x]", "condition", {"return [x for x in a if x]"}),
        ("return a < b", "comparison", {"return a <= b", "return a > b"}),
        ("return a is b", "comparison", {"return a is not b"}),
        ("return a.c and b.c", "and-or", {"return a.c or b.c", "return b.c", "return a.c"}),
        ("return a(3)", "number", {"return a(4)", "return a(2)"}),
        ("return a(True)", "boolean", {"return a(False)"}),
        (
            "return a['gtin'] or b['serial']",
            "name",
            {"return a['serial'] or b['serial']", "return a['gtin'] or b['gtin']"},
        ),
        ("return a + b", "arithmetic", {"return a - b"}),
        ("return a + 'text'", "arithmetic", set()),
        ("return min(a, b)", "arithmetic", {"return max(a, b)"}),
        ("if a:\n    return b\nreturn a", "removal", {"pass"}),
        ("a.b = b\nreturn a", "removal", {"pass"}),
        ("return a(a, b)", "argument", {"return a(b, a)"}),
        ("return a(x=1, y=b)", "argument", {"return a(y=b)", "return a(x=1)"}),
        ("return a[1:b]", "slice", {"return a[:b]", "return a[1:]"}),
        ("return {'x': a, 'y': b}", "member", {"return {'y': b}", "return {'x': a}", "return {'x': b, 'y': a}"}),
        ("a.b()\nreturn b", "return", {"return None", "return a"}),
    ],
)
def test_an_operator_changes_one_thing(body: str, operator: str, became: set[str]) -> None:
    assert changes(body, operator) == became


@pytest.mark.parametrize(
    "body",
    [
        '"""What f does, 1 of 2."""',
        "logger.warning('%s of %s', a, 2)",
        "a: Literal['gtin', 'serial']",
        "assert a < 1",
        "trace.passed('rule', {'left': 1})",
    ],
)
def test_nothing_is_changed_that_no_client_sees(body: str) -> None:
    assert {each.operator for each in mutations_of(MODULE, f"def f(a):\n    {body}\n    return None\n")} <= {"return"}


def test_code_of_other_readings_is_not_changed() -> None:
    """The suite runs against the defaults. `refunds` is `none` there."""
    source = """
def f(readings, a):
    if readings.refunds is Refunds.FAILED_ITEMS:
        return a + 1
    match readings.refunds:
        case Refunds.NONE:
            return a + 2
        case Refunds.FAILED_ITEMS:
            return a + 3
"""
    lines = {
        each.line for each in mutations_of(MODULE, source) if each.operator in {"number", "arithmetic", "condition"}
    }

    assert lines == {7}


def test_every_mutant_has_its_own_id_and_key_and_is_a_program(everything: Sequence[Mutation]) -> None:
    assert len({each.id for each in everything}) == len({each.key for each in everything}) == len(everything) > 1000

    for each in everything[::50]:
        ast.parse(each.source_from(file_of(each.module).read_text(encoding="utf-8")))


def test_an_edit_elsewhere_keeps_the_key() -> None:
    one, other = "def f(a):\n    return a + 1\n", "def g(a):\n    return a - 1\n"

    before = {each.key: each.line for each in mutations_of(MODULE, one)}
    after = {each.key: each.line for each in mutations_of(MODULE, other + one)}
    edited = {each.key for each in mutations_of(MODULE, one.replace("1", "2"))}

    assert before.keys() < after.keys()
    assert all(after[key] == line + 2 for key, line in before.items())
    assert not before.keys() & edited


def test_a_seed_draws_the_same_mutants_and_a_larger_sample_contains_a_smaller_one(
    everything: Sequence[Mutation],
) -> None:
    small, again, large = (drawn(everything, size, seed=7) for size in (20, 20, 40))

    assert small == again == large[:20]
    assert {each.id for each in small} != {each.id for each in drawn(everything, 20, seed=8)}
    assert drawn(everything, 0, seed=7) == everything


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {class: wrong, why: x, mutants: {a: b}}", "Invalid enum value 'wrong'"),
        ("- {class: legal, why: x, mutants: {a: b}, note: y}", "unknown field `note`"),
        ("- {class: legal, mutants: {a: b}}", "missing required field `why`"),
        ("- {class: legal, why: ' ', mutants: {a: b}}", "an entry needs a reason"),
        ("- {class: legal, why: x, mutants: {}}", "an entry needs a reason"),
        ("- {class: legal, why: x, mutants: {a: b, a: c}}", 'duplicate key "a"'),
        ("- {class: legal, why: x, mutants: {a: b}}\n- {class: missed, why: x, mutants: {a: b}}", "more than once: a"),
    ],
)
def test_a_malformed_reason_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "survivors.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(UnreadableFile, match=problem):
        load_survivors(file)


def test_the_entries_of_new_survivors_can_be_loaded(everything: Sequence[Mutation], tmp_path: Path) -> None:
    file = tmp_path / "survivors.yaml"
    file.write_text(as_entries(everything[:5]).replace("''\n", "because\n"), encoding="utf-8")

    assert load_survivors(file) == {each.key: Reason(Class.MISSED, "because") for each in everything[:5]}


def fates(everything: Sequence[Mutation], *fates: Fate) -> list[tuple[Mutation, Trial]]:
    return [(mutation, Trial(fate)) for mutation, fate in zip(everything, fates, strict=False)]


def test_a_survivor_without_a_reason_counts_as_missed(everything: Sequence[Mutation]) -> None:
    tries = fates(
        everything, Fate.KILLED, Fate.KILLED, Fate.SURVIVED, Fate.SANK, Fate.SURVIVED, Fate.SURVIVED, Fate.NO_START
    )
    known = {everything[4].key: Reason(Class.NO_RULE, "x"), everything[5].key: Reason(Class.EQUIVALENT, "x")}

    score = score_of(result_of(mutation, trial, known) for mutation, trial in tries)

    assert (score.of_rules, score.of_all_visible) == (2 / 4, 2 / 5)


def test_the_page_shows_each_survivor_with_its_class(everything: Sequence[Mutation]) -> None:
    known = {everything[1].key: Reason(Class.LEGAL, "a reading")}
    results = [result_of(*each, known) for each in fates(everything, Fate.KILLED, Fate.SURVIVED, Fate.SURVIVED)]

    page = as_page(results, population=100, seed=3)

    assert "3 of 100, seed 3. " in page
    assert "3 of 100, seed 3, numbers 8 to 10 of the sample. " in as_page(results, population=100, seed=3, skipped=7)
    assert "| all | 3 | 1 |  | 1 |  | 1 |  |  | 50% | 50% |" in page
    assert page.index("## Missed") < page.index("## Legal")
    assert f"| `{everything[1].id}` |" in page


def test_a_reason_for_a_mutant_that_is_killed_is_reported(everything: Sequence[Mutation]) -> None:
    known = {everything[0].key: Reason(Class.EQUIVALENT, "x")}
    results = [result_of(*each, known) for each in fates(everything, Fate.KILLED, Fate.KILLED)]

    (line,) = contradictions(results, known)

    assert line.startswith(everything[0].key)


def test_a_reason_for_no_mutant_is_reported(everything: Sequence[Mutation]) -> None:
    known = {everything[0].key: Reason(Class.EQUIVALENT, "x"), "000000000000": Reason(Class.LEGAL, "gone")}

    (line,) = stale(everything, known)

    assert line.startswith("000000000000")


def test_a_trial_is_kept_until_the_function_changes(everything: Sequence[Mutation], tmp_path: Path) -> None:
    one, other, trial = everything[0], everything[1], Trial(Fate.SANK, ("summary.adds-up: untested",), seconds=1.5)

    Kept(tmp_path / "trials").keep(one, trial)
    again = Kept(tmp_path / "trials")

    assert again.get(one) == trial
    assert again.get(other) is None
    assert again.get(replace(one, text="x = 1")) is None


def history(run: str, answer: str, seconds: int = 0, hour: int = 12) -> History:
    at = datetime(2026, 1, 2, hour, tzinfo=UTC)
    text = answer.replace("NOW", (at + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")).encode()
    call = Exchange(1, "own", "key", "GET", f"/{run}-1", at, answered_at=at, status=200, answer=text)
    return History("http://mock", run, [call])


@pytest.mark.parametrize(
    ("other", "is_seen"),
    [
        (history("RUNB", '{"serial": "RUNB-1", "at": "NOW"}', seconds=30), False),
        (history("RUNB", '{"serial": "RUNB-1", "at": "NOW"}', seconds=86_400), True),
        (history("RUNB", '{"serial": "RUNB-2", "at": "NOW"}'), True),
    ],
    ids=["another run", "another time", "another answer"],
)
def test_answers_are_compared_without_what_each_run_has_of_its_own(other: History, is_seen: bool) -> None:
    clean = [traffic_of(history("RUNA", '{"serial": "RUNA-1", "at": "NOW"}'))] * 2

    assert bool(differing(traffic_of(other), clean)) is is_seen


def test_the_next_midnight_is_the_same_at_any_hour() -> None:
    runs = [
        traffic_of(history("RUNA", '{"resetsAt": "2026-01-03T00:00:00Z", "createdAt": "NOW"}', hour=hour))
        for hour in (3, 12, 23)
    ]

    assert runs[0] == runs[1] == runs[2]


def test_a_mutant_that_breaks_a_rule_is_killed(everything: Sequence[Mutation]) -> None:
    mutation = next(each for each in everything if each.function == "Account.can_write")

    trial = tried(mutation, CONFORMS)

    assert trial.fate is Fate.KILLED
    assert trial.by


def test_a_mutant_without_a_control_plane_is_judged_in_a_workspace_that_it_starts_with(
    everything: Sequence[Mutation], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Settings] = []

    def performs(settings: Settings) -> Run:
        given.append(settings)
        if settings.deployment is None:
            raise Unreachable("no control plane")
        return Run(settings)

    monkeypatch.setattr(trial, "perform", performs)
    monkeypatch.setattr(trial, "mutated_mock", lambda _mutation: lambda _options, _log: nullcontext("http://mock"))

    judged = trial._judged_run(everything[0])

    assert [each.deployment and each.deployment.base_url for each in given] == [None, "http://mock"]
    assert judged.settings.control_plane is False
    assert judged.settings.deployment
    assert judged.settings.deployment.key("TRACEPASS_CHECK_API_KEY") == "tp_mock_unlimited"


def test_a_sample_may_leave_out_its_first_mutants(everything: Sequence[Mutation]) -> None:
    listed = CliRunner().invoke(mutate_mock_command, ["--sample", "6", "--skip", "4", "--seed", "7", "--list"])

    assert [line[:12] for line in listed.output.splitlines()] == [each.key for each in drawn(everything, 6, seed=7)[4:]]


def test_a_mutant_that_can_not_be_imported_does_not_start(everything: Sequence[Mutation]) -> None:
    mutation = replace(everything[0], text="raise RuntimeError\n")

    assert tried(mutation, CONFORMS).fate is Fate.NO_START


@pytest.mark.parametrize("nth", range(SLICE))
def test_a_drawn_mutant_is_killed_or_reviewed(everything: Sequence[Mutation], nth: int) -> None:
    """Where this fails: see `python -m tracepass_contract.contract_tests.mutants mutate-mock --only KEY --new`."""
    mutation = drawn(everything, SLICE, seed=107)[nth]
    trial, known = tried(mutation, CONFORMS), load_survivors()

    assert trial.fate in {Fate.KILLED, Fate.NO_START} or mutation.key in known, f"{mutation.key} {trial.fate}"
    assert not (trial.fate is Fate.KILLED and mutation.key in known)
