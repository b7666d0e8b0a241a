import re
from dataclasses import replace
from io import StringIO

import pytest

from tracepass_contract.contract_tests.model.history import History
from tracepass_contract.contract_tests.model.redaction import Redactor
from tracepass_contract.contract_tests.model.verdicts import Finding, Spend, Verdict
from tracepass_contract.contract_tests.report.progress import Progress
from tracepass_contract.contract_tests.report.terminal import print_report
from tracepass_contract.contract_tests.report.view import Report, report_of
from tracepass_contract.contract_tests.tests.helpers.sample_run import API_KEY, call, result, sample, verdicts
from tracepass_contract.spec import rules

GREEN, ESCAPE = "\x1b[32m", "\x1b["


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _an_ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")


def printed(shown: Report, stream: StringIO | None = None) -> str:
    stream = stream or StringIO()
    print_report(shown, stream)
    return stream.getvalue()


def test_there_is_one_line_per_rule_and_what_conforms_comes_after_trouble() -> None:
    lines = [line.split("  ")[0] for line in printed(sample()).splitlines()[2 : 2 + len(rules())]]

    conforms = ["conforms"] * (len(rules()) - 7)
    assert lines == ["violates"] * 2 + ["inconclusive"] + conforms + ["untested"] * 3 + ["not applicable"]


def test_where_there_is_no_room_only_the_reason_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    long = Finding("idempotency.replay-changes-nothing", Verdict.INCONCLUSIVE, "check", "Because " * 40)

    lines = printed(sample(replace(result(), findings=[long], rules=[])), Terminal()).splitlines()

    assert lines[2].startswith("inconclusive  must  idempotency.replay-changes-nothing  0 of 1 check  Because")
    assert lines[2].endswith("…")
    assert len(lines[2]) == 80


def test_a_failure_says_everything_that_a_person_asks() -> None:
    text = printed(sample())
    start = text.index("2. budget.refuses-whole-batch violates")
    expected = text[start : text.index("3. idempotency.executes-once inconclusive")]

    for said in (
        "The API refuses the whole batch with 429 if it needs more writes than are left today",
        "batch page, second paragraph (must)",
        "429, and both writes still there",
        "200 with three results, for the key [redacted]",
        "test_a_batch_over_the_budget_spends_nothing: Two writes are left, and a batch of three is refused.",
        "#1 ",
        "fill the budget: POST /api/v1/passports/batch (key main, Idempotency-Key CONF-r1-1)",
        "no answer (connection: reset while sending Authorization: Bearer [redacted])",
        "4711",
        'curl -sS -i "$TRACEPASS_BASE_URL"',
    ):
        assert said in " ".join(expected.split())


def test_the_end_has_readings_spend_leftovers_needs_and_one_sentence() -> None:
    text = printed(sample())

    assert re.search(
        r"quota\.consent-place +top-level or items-only +the mock's default is top-level-or-any-item", text
    )
    assert re.search(r"budget\.refunds +none +the card requires failed-items", text)
    assert "requests 7, writes 14 of 60, slots 2 of 3, cents charged 0 (no limit); 42 seconds\n" in text
    perhaps = "Up to 5 more writes count against --max-writes, because the deployment may charge refused calls."
    assert f"  {perhaps}\n" in text
    assert "Clean-up\n  1 not deleted: refused (409)" in text
    assert re.search(r"slots_left = … +1 must-rule +a known passport quota\n", text)
    assert "a second API key of the workspace" in text
    assert text.splitlines()[-1].startswith("Does not conform: 2 rules are violated")


def test_untested_is_never_green() -> None:
    text = printed(sample(verdicts(budget__is_shared=Verdict.UNTESTED)), Terminal())

    assert f"{GREEN}conforms" in text
    assert f"{GREEN}untested" not in text
    assert f"{GREEN}Conforms" not in text  # nor is the last sentence, where something is untested
    assert f"{GREEN}Conforms" in printed(sample(verdicts()), Terminal())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_there_is_no_colour_where_none_is_wanted(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    assert ESCAPE not in printed(sample(), Terminal())


def test_there_is_no_colour_in_a_file_and_no_line_is_folded() -> None:
    text = printed(sample())

    assert ESCAPE not in text
    assert "\x1b" not in text  # nor one that came with an answer
    assert " \n" not in text


def test_a_script_that_would_fill_the_screen_is_not_printed() -> None:
    finding = Finding("summary.adds-up", Verdict.VIOLATES, "check", witnesses=[1])
    long = History("t", "r1", [call(1, 200, body=b"x" * 20_000)])

    text = printed(report_of(replace(result(), findings=[finding]), long))

    assert re.search(r"\(a script of 20,\d\d\d characters; see the JSON or HTML report\)", text)


def test_a_script_is_printed_as_it_is() -> None:
    """No line of it is folded, trimmed or widened."""
    finding = Finding("summary.adds-up", Verdict.VIOLATES, "check", witnesses=[1])
    body = b'{"a":\t "' + b"y" * 300 + b'"  \n}'
    shown = report_of(replace(result(), findings=[finding]), History("t", "r1", [call(1, 200, body=body)]))

    assert shown.failures[0].curl in printed(shown)


def test_progress_is_plain_lines_where_there_is_no_terminal() -> None:
    stream = StringIO()

    with Progress(stream, 2, Redactor([API_KEY])) as progress:
        progress.test_done(Spend(requests=7, writes=12, slots=1, max_writes=60, max_slots=3), 0)
        progress.rule_done("summary.adds-up", Verdict.CONFORMS)
        progress.say(f"the key {API_KEY} \x1b[31mis wrong")
        progress.test_done(Spend(requests=9, writes=14, slots=1, charge_cents=5, max_writes=60), 0)
        progress.rule_done("budget.is-shared", Verdict.UNTESTED)

    assert stream.getvalue().splitlines() == [
        "summary.adds-up: conforms   (1/2 rules, 7 requests, 12/60 writes, 1/3 slots, about 0:00 left)",
        "the key [redacted] \\x1b[31mis wrong",
        "budget.is-shared: untested   (2/2 rules, 9 requests, 14/60 writes, 1 slots, 5 cents)",
    ]


def test_progress_is_a_bar_on_a_terminal() -> None:
    stream = Terminal()

    with Progress(stream, 2) as progress:
        progress.rule_done("summary.adds-up", Verdict.CONFORMS)
        progress.say("talk")

    assert "1/2 rules, 0 requests" in stream.getvalue()
    assert "talk" in stream.getvalue()
    assert "summary.adds-up: conforms" not in stream.getvalue()


@pytest.mark.parametrize("stream", [StringIO(), Terminal()])
def test_progress_says_nothing_when_quiet(stream: StringIO) -> None:
    with Progress(stream, 1, quiet=True) as progress:
        progress.test_done(Spend(requests=1), 0)
        progress.rule_done("summary.adds-up", Verdict.CONFORMS)
        progress.say("talk")

    assert stream.getvalue() == ""
