"""Mutants and variants on the command line. The suite tests the faults themselves."""

import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result

from tracepass_contract.mockserver.cli import commands, serve_command
from tracepass_contract.mockserver.mutants import installed_mutants, installed_variants
from tracepass_contract.mockserver.tests.commandline import running


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.main, arguments, prog_name="tracepass-mock")


@dataclass(frozen=True)
class Nothing:
    """A mutant without a fault."""

    id: str = "ABC-01"
    fault: str = "Nothing."
    rule: str = "errors.envelope"
    severity: str = "N"
    needs: str = ""

    @contextmanager
    def in_force(self) -> Iterator[None]:
        yield


@pytest.fixture
def only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (commands, serve_command):
        monkeypatch.setattr(module, "installed_mutants", lambda: {"ABC-01": Nothing()})


@pytest.mark.usefixtures("only_one")
def test_mutants_are_listed_one_per_line() -> None:
    title, only, empty, *legend = run("mutants").output.splitlines()

    assert title == "ID      SEVERITY  NEEDS  RULE                                FAULT"
    assert only == "ABC-01  N         -      errors.envelope                     Nothing."
    assert empty == ""
    assert legend[0].startswith("SEVERITY, the source of the broken rule:  M  the batch page ")


def test_the_list_explains_each_letter_that_is_in_it() -> None:
    legend = run("mutants").output.partition("\n\n")[2]
    letters = {
        each
        for known in installed_mutants().values()
        for each in (*re.findall(r"[A-Z]2?", known.needs), known.severity)
    }

    assert letters == set(re.findall(r" ([A-Z]2?)  ", legend))


@pytest.mark.usefixtures("only_one")
def test_mutants_are_listed_as_json() -> None:
    (only,) = json.loads(run("mutants", "--json").output)

    assert only == {"id": "ABC-01", "severity": "N", "needs": "", "rule": "errors.envelope", "fault": "Nothing."}


@pytest.mark.usefixtures("only_one")
@pytest.mark.parametrize(("given", "hint"), [("ABC-02", 'Did you mean "ABC-01"?'), ("x", "`tracepass-mock mutants`")])
def test_an_unknown_mutant_is_refused(given: str, hint: str) -> None:
    done = run("--mutant", given)

    assert done.exit_code == 2
    assert f'unknown mutant "{given}". {hint}' in done.output


def test_variants_are_served_together_and_say_so() -> None:
    first, second, *_ = installed_variants().values()

    with running("--port", "0", "--variant", first.id, "--variant", second.id) as mock:
        _, _, talk = mock.stop(signal.SIGTERM)

    assert talk.startswith(f"This mock is the conforming variant {first.id}: {first.what}\n")
    assert f"This mock is the conforming variant {second.id}: {second.what}\n" in talk


def test_an_unknown_variant_is_refused() -> None:
    done = run("--variant", "x")

    assert done.exit_code == 2
    assert f'unknown variant "x". The variants are {", ".join(installed_variants())}.' in " ".join(done.output.split())


def test_a_mutant_is_served_and_says_so() -> None:
    chosen = next(iter(installed_mutants().values()))

    with running("--port", "0", "--mutant", chosen.id) as mock:
        _, _, talk = mock.stop(signal.SIGTERM)

    assert talk.startswith(f"This mock is the mutant {chosen.id}. It breaks {chosen.rule}: {chosen.fault}\n")
