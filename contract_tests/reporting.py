"""The end of a run: what is written where, and the exit code. The forms of the reports are those of `report`."""

import json
import sys
from dataclasses import asdict
from enum import IntEnum
from pathlib import Path
from typing import Any

from tracepass_contract import spec
from tracepass_contract.contract_tests.history import History, to_json
from tracepass_contract.contract_tests.settings import Settings
from tracepass_contract.contract_tests.verdicts import RunResult, Verdict


class Exit(IntEnum):
    """As documented: worst first is not the order of the numbers."""

    CONFORMS = 0
    VIOLATES = 1
    USAGE = 2
    UNREACHABLE = 3
    NOT_SHOWN = 4


def exit_code(result: RunResult) -> Exit:
    """A violation counts before what could not be shown; of the latter only rules of the level must count."""
    rules = {finding.rule for finding in result.findings}
    verdicts = {rule: result.verdict_of(rule) for rule in rules}
    off_card = any(each.required and each.required not in each.answers for each in result.observations)
    if off_card or Verdict.VIOLATES in {finding.verdict for finding in result.findings}:
        return Exit.VIOLATES
    if Verdict.SUITE_ERROR in verdicts.values():
        return Exit.NOT_SHOWN
    unshown = {Verdict.UNTESTED, Verdict.INCONCLUSIVE}
    if any(spec.rules()[rule].level == "must" and verdict in unshown for rule, verdict in verdicts.items()):
        return Exit.NOT_SHOWN
    return Exit.CONFORMS


def write_reports(result: RunResult, history: History, settings: Settings) -> None:
    """The files that were asked for."""
    if settings.history is not None:
        settings.history.write_bytes(to_json(history))
    if settings.report_json is not None:
        _write_json(result, settings.report_json)
    for path in (settings.report_junit, settings.report_html):
        if path is not None:
            sys.stderr.write(f"{path} is not written: this form of report is not there yet\n")


def as_json(result: RunResult) -> dict[str, Any]:
    looked_at = {finding.rule for finding in result.findings}
    verdicts = {rule: result.verdict_of(rule) for rule in spec.rules() if rule in looked_at}
    return {**asdict(result), "verdicts": verdicts, "exit_code": exit_code(result)}


def text_of(result: RunResult) -> str:
    """A line for each rule, the worst first, and what was spent."""
    lines = []
    rules = {finding.rule for finding in result.findings}
    for rule in sorted(rules, key=lambda each: (result.verdict_of(each).badness, each)):
        verdict = result.verdict_of(rule)
        lines.append(f"{verdict:<14} {rule}")
        for finding in result.findings:
            if finding.rule == rule and finding.verdict is verdict and verdict is not Verdict.CONFORMS:
                told = finding.missing or finding.because
                if finding.expected or finding.actual:
                    told = (
                        f"expected {finding.expected}; found {finding.actual}" if finding.expected else finding.actual
                    )
                numbers = "".join(f" #{number}" for number in finding.witnesses)
                lines.append(f"{'':<16}{told}{numbers} ({finding.check})")
    spend = result.spend
    lines.append(f"{spend.requests} requests, {spend.writes} writes, {spend.slots} slots, {spend.charge_cents} cents")
    if spend.left_behind:
        lines.append(f"left behind: {', '.join(spend.left_behind)}")
    return "\n".join([*lines, *result.notes])


def _write_json(result: RunResult, path: Path) -> None:
    path.write_text(json.dumps(as_json(result), indent=2, default=str) + "\n", encoding="utf-8")
