"""The mutants that `schemathesis run` kills, as it is and with the semantic checks.

A check kills a mutant when it reports its rule. Without the semantic checks no rule is reported, so any failure that
the mock without a fault does not have is counted.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tracepass_contract.fixtures import accounts

from ...target.mock_process import served
from ..mutant import Mutant

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "spec/openapi.yaml"
CONFIGURATION = ROOT / "contract_tests/checks/fuzzing/schemathesis.toml"
HOOKS = "tracepass_contract.contract_tests.checks.fuzzing.hooks"
EXAMPLES = 10  # for each operation, of Schemathesis without our checks
_OPERATIONS = r"^/passports(/batch|/[{]id[}])?$"  # to which the links of a batch lead
_RULE = re.compile(r"^\s+([a-z]+\.[a-z0-9-]+)$", re.MULTILINE)
_BUILT_IN = re.compile(r"^- (ST(?!901)[0-9]+ .*)$", re.MULTILINE)
_CALLS = re.compile(r"([0-9,]+) generated")


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of one run. `said` is its whole output."""

    rules: Sequence[str]
    others: Sequence[str]
    cases: int
    exit_code: int
    said: str

    def outcome(self, mutant: Mutant) -> str:
        """*killed*, *by another rule*, *by shape* or *survived*."""
        if {mutant.rule, *mutant.also} & set(self.rules):
            return "killed"
        if self.rules:
            return "by another rule"
        return "by shape" if self.others else "survived"


def attempt(
    mutant: str | None,
    *,
    seed: int,
    examples: int,
    stock: bool,
    options: Sequence[str] = (),
    operations: str = "",
    log: Path | None = None,
) -> Attempt:
    """One run of `schemathesis run` against a mutant or the mock. `options` are those of the server, which writes to
    `log`; `operations` is a pattern of the paths to try.
    """
    account = next(each for each in accounts() if each.name == "unlimited")
    with served(*options, mutant=mutant, log=log) as url, TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "schemathesis.cli"]
        if not stock:
            command += ["--config-file", str(CONFIGURATION)]
        command += ["run", str(DOCUMENT), "--url", f"{url}/api/v1", "--no-color", "--checks", "all"]
        command += ["--header", f"Authorization: Bearer {account.api_key}"]
        command += ["--seed", str(seed), "--max-examples", str(examples)]
        command += ["--include-path-regex", operations] if operations else []
        hooks = {} if stock else {"SCHEMATHESIS_HOOKS": HOOKS, "TRACEPASS_CONTROL": f"{url}/_mock"}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, **hooks}
        )
    said = done.stdout + done.stderr
    calls = _CALLS.search(said)
    return Attempt(
        sorted(set(_RULE.findall(said))),
        sorted(set(_BUILT_IN.findall(said))),
        int(calls[1].replace(",", "")) if calls else 0,
        done.returncode,
        said,
    )


def found_by_stock(mutant: str | None, readings: Mapping[str, str], seed: int, log: Path) -> Mapping[str, str]:
    """Its failures, by the name of the check."""
    options = [part for pair in readings.items() for part in ("--reading", "=".join(pair))]
    found = attempt(mutant, seed=seed, examples=EXAMPLES, stock=True, options=options, operations=_OPERATIONS, log=log)
    return dict.fromkeys(found.others, "found by Schemathesis as it comes")
