"""The report as SARIF 2.1.0, for code scanning: a result for each rule that is violated or not proven.

A deployment has no source file. The results stand at the file that describes it, because code scanning shows only
results with a place. Their fingerprints are rules, so that the next run updates them.
"""

from typing import Any

import orjson

from ..model.verdicts import Verdict
from .conclusion import is_unproven
from .text import answers, in_short, json_without_controls, remark
from .view import Report, RuleLine

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Json = dict[str, Any]


def to_sarif(report: Report, place: str = "deployment.toml") -> bytes:
    """`place` is the path of the deployment file, relative to the root of the repository."""
    result = report.result
    of_rules = [(line, level) for line in report.lines if (level := _level(line))]
    rules = [_rule(line) for line, _ in of_rules]
    results = [_result(line.rule.id, level, _message(line), place) for line, level in of_rules]
    for reading in (line for line in report.card if line.broken):
        name = reading.observation.reading
        rules.append({"id": name, "shortDescription": {"text": reading.reading.question if reading.reading else name}})
        results.append(_result(name, "error", f"{answers(reading)}: {remark(reading)}", place))
    driver = {"name": "tracepass-check", "version": result.versions.get("tracepass-contract", "0"), "rules": rules}
    said = [*(("error", each) for each in result.failures), *(("note", each) for each in result.notes)]
    invocation = {
        "executionSuccessful": not result.failures,
        "exitCode": int(report.exit_code),
        "exitCodeDescription": report.conclusion,
        "startTimeUtc": result.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endTimeUtc": result.finished_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "toolExecutionNotifications": [{"level": level, "message": {"text": text}} for level, text in said],
    }
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_without_controls(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _level(line: RuleLine) -> str:
    """Of the result; empty for a rule without one."""
    if line.verdict is Verdict.SUITE_ERROR:
        return "error"
    if line.verdict is Verdict.VIOLATES:
        return "warning" if line.warning else "error"
    return "note" if is_unproven(line.rule, line.verdict) and not line.accepted else ""


def _message(line: RuleLine) -> str:
    because = f": {line.because}" if line.because else ""
    return f"{line.rule.id} {line.verdict}{because}"


def _rule(line: RuleLine) -> Json:
    security = {"security-severity": "7.0", "tags": ["security"]} if line.rule.security else {"tags": []}
    return {
        "id": line.rule.id,
        "shortDescription": {"text": line.rule.sentence},
        "fullDescription": {"text": f"{line.rule.sentence} ({line.rule.level}; {line.rule.source})"},
        "help": {"text": in_short(line)},
        "properties": {"level": line.rule.level, **security},
    }


def _result(rule: str, level: str, message: str, place: str) -> Json:
    where = {"physicalLocation": {"artifactLocation": {"uri": place}, "region": {"startLine": 1}}}
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "locations": [where],
        "partialFingerprints": {"tracepassRule/v1": rule},
    }
