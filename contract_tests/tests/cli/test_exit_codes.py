"""How a run ends in each situation: its exit code, and whether its JUnit report is red. They agree."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tracepass_contract.contract_tests.client.session import Session
from tracepass_contract.contract_tests.model.history import Event, Exchange
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.report.conclusion import Exit
from tracepass_contract.contract_tests.tests.helpers.command import at_once
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

Behaves = Callable[[Request, Ask], Answered]
NOBODY = "http://127.0.0.1:9"
KEY, RULE = "tp_mock_unlimited", "idempotency.key-is-optional"
WORKSPACE = ("--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087", "--no-control-plane")
OF_ITS_RULE = ("--rule", RULE, "--max-writes", "20", "--max-slots", "6")
LITTLE = ("--rule", RULE, "--max-writes", "4", "--max-slots", "1")


def creates_nothing_twice(request: Request, ask: Ask) -> Answered:
    """A server that takes a second call without a key for a replay of the first."""
    answered = ask(request)
    wrong = answered.body.replace(b"Serial number already exists", b"").replace(b'"error"', b'"created"')
    return Answered(answered.status, answered.headers, wrong)


def is_no_api(_request: Request, _ask: Ask) -> Answered:
    return Answered(200, {"content-type": "text/html"}, b"<h1>Welcome</h1>")


@dataclass(frozen=True)
class Situation:
    """`behaves` is what stands in front of the mock; `file` is written to where `{file}` stands in an option."""

    code: Exit
    options: tuple[str, ...] = OF_ITS_RULE
    behaves: Behaves | None = None
    url: str = ""
    key: str = KEY
    file: str = ""
    dies: type[BaseException] | None = None
    at_once: bool = False


SITUATIONS = {
    "the rule conforms": Situation(Exit.CONFORMS),
    "a rule is violated": Situation(Exit.VIOLATES, behaves=creates_nothing_twice),
    "a must-rule is not proven": Situation(Exit.UNPROVEN, LITTLE),
    "and it is accepted": Situation(
        Exit.CONFORMS, (*LITTLE, "--accept-untested", "{file}"), file=f"{RULE} # little room"
    ),
    "a reading is not as the card requires": Situation(
        Exit.VIOLATES, (*OF_ITS_RULE, "--card", "{file}"), file="readings: {batch.all-created-status: '207'}"
    ),
    "an option is wrong": Situation(Exit.USAGE, ("--rule", "idempotnecy")),
    "the key is refused": Situation(Exit.USAGE, key="tp_not_a_key"),
    "the product does not exist": Situation(Exit.USAGE, (*OF_ITS_RULE, "--product-id", "0" * 24)),
    "nobody answers": Situation(Exit.UNREACHABLE, url=NOBODY),
    "it is not the API": Situation(Exit.UNREACHABLE, behaves=is_no_api),
    "a person interrupts the run": Situation(Exit.UNPROVEN, dies=KeyboardInterrupt),
    "a person interrupts it before the first check": Situation(Exit.UNPROVEN, dies=KeyboardInterrupt, at_once=True),
    "the suite fails": Situation(Exit.SUITE_FAILED, dies=ZeroDivisionError),
}


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


@pytest.mark.parametrize("name", SITUATIONS)
def test_junit_is_red_exactly_where_the_exit_code_is_not_0(
    mock_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    given, junit, file = SITUATIONS[name], tmp_path / "run.xml", tmp_path / "file.yaml"
    file.write_text(given.file)
    options = [each.format(file=file) for each in (*WORKSPACE, *given.options, "--report-junit", str(junit))]
    if given.dies is not None:
        die_in_a_run(monkeypatch, given.dies, at_once=given.at_once)

    with in_front_of(mock_url, given.behaves) if given.behaves else nullcontext(given.url or mock_url) as url:
        done = at_once("run", url, *options, TRACEPASS_CHECK_API_KEY=given.key)

    root = ElementTree.fromstring(junit.read_bytes())
    assert done.code == given.code, done.stdout + done.stderr
    assert (int(root.get("failures", "")) + int(root.get("errors", "")) > 0) is (given.code != 0)
    assert len([*root.iter("failure"), *root.iter("error")]) == int(root.get("failures", "")) + int(
        root.get("errors", "")
    )
    [said] = [each.get("value") for each in root.iter("property") if each.get("name") == "exit code"]
    assert said == str(int(given.code))


def die_in_a_run(monkeypatch: pytest.MonkeyPatch, error: type[BaseException], *, at_once: bool) -> None:
    """When the first check has created something, or after the first call."""
    record = Session.record

    def dies(session: Session, event: Event) -> None:
        record(session, event)
        in_a_check = isinstance(event, Exchange) and b'"created"' in event.answer and event.purpose.startswith("test_")
        if at_once or in_a_check:
            monkeypatch.undo()
            raise error

    monkeypatch.setattr(Session, "record", dies)
