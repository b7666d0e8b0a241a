"""The command as a child process, for the tests of the suite itself."""

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from tracepass_contract.contract_tests.cli.commands import main
from tracepass_contract.contract_tests.tests.helpers.warm import run_module


@dataclass(frozen=True)
class Done:
    """What `tracepass-check` did."""

    code: int
    stdout: str
    stderr: str

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.stdout)
        return found

    def verdicts(self) -> dict[str, str]:
        return {rule["id"]: rule["verdict"] for rule in self.result["rules"]}

    @property
    def findings(self) -> Sequence[Mapping[str, Any]]:
        """Each with the id of its rule."""
        return [{"rule": rule["id"], **finding} for rule in self.result["rules"] for finding in rule["findings"]]

    def violated(self) -> dict[str, str]:
        """The violated rules, each with what was found."""
        return {
            each["rule"]: f"{each['check']}: expected {each['expected']}; found {each['actual']}"
            for each in self.findings
            if each["verdict"] in {"violates", "suite error"}
        }


def check(*arguments: str, **environment: str) -> Done:
    ended = run_module("tracepass_contract.contract_tests", *arguments, environment=environment)
    return Done(ended.code, ended.stdout, ended.stderr)


def at_once(*arguments: str, **environment: str) -> Done:
    """A command that ends before it makes a run, in this process."""
    done = CliRunner().invoke(main, arguments, env=environment)
    return Done(done.exit_code, done.stdout, done.stderr)


def obeys_ctrl_c() -> None:
    """For a child. What a shell starts in the background ignores it, and so would all that the tests start there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
