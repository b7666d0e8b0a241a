"""The report as JSON, described by report.schema.json. `format` increases with an incompatible change."""

import base64
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from ..model.capabilities import in_words
from ..model.history import Exchange
from ..model.verdicts import Finding
from . import text
from .coverage import Coverage
from .text import json_without_controls
from .view import Failure, ReadingLine, Report, RuleLine

FORMAT = 1

Json = dict[str, Any]


def to_json(report: Report) -> bytes:
    """The whole report, with the witnesses of its findings and observations."""
    return json_without_controls(orjson.dumps(as_data(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def as_data(report: Report) -> Json:
    result, spend = report.result, report.result.spend
    return {
        "format": FORMAT,
        "target": result.target,
        "run": result.run,
        "seed": result.seed,
        "started_at": _time(result.started_at),
        "finished_at": _time(result.finished_at),
        "exit_code": report.exit_code,
        "conclusion": report.conclusion,
        "interrupted": result.is_interrupted,
        "counts": {str(verdict): count for verdict, count in report.counts.items()},
        "rules": [_rule(line, report) for line in report.lines],
        "readings": [_reading(line) for line in report.card],
        "spend": {
            "requests": spend.requests,
            "writes": {"spent": spend.writes, "perhaps": spend.writes_perhaps, "ceiling": spend.max_writes},
            "slots": {"spent": spend.slots, "ceiling": spend.max_slots},
            "charge_cents": {"spent": spend.charge_cents, "ceiling": spend.max_charge_cents},
            "deleted": spend.deleted,
            "left_behind": [each.passport for each in spend.left_behind],
            "left_over": text.left_over_as_data(spend),
        },
        "capabilities": [{"code": code, "means": in_words(code)} for code in result.capabilities],
        "to_test_more": [
            {
                "add": need.add,
                "means": need.means,
                "gain": need.gain,
                "must": need.must,
                "rules": list(need.rules),
                "with_others": list(need.with_others),
            }
            for need in report.needs
        ],
        "notes": list(result.notes),
        "failures": list(result.failures),
        "versions": dict(result.versions),
        "exchanges": [_exchange(each) for _, each in sorted(report.exchanges.items())],
    }


@cache
def schema() -> Json:
    """The JSON schema (draft 2020-12) of a report."""
    content: Json = orjson.loads(files(__package__).joinpath("report.schema.json").read_bytes())
    return content


def _rule(line: RuleLine, report: Report) -> Json:
    failures = {id(failure.finding): failure for failure in report.failures}
    return {
        "id": line.rule.id,
        "sentence": line.rule.sentence,
        "level": line.rule.level,
        "security": line.rule.security,
        "source": line.rule.source,
        "verdict": str(line.verdict),
        "warning": line.warning,
        "accepted": line.accepted,
        "because": line.because,
        "would_need": list(line.lacks),
        "checks": _coverage(line.coverage),
        "findings": [_finding(finding, failures.get(id(finding))) for finding in line.findings],
    }


def _coverage(coverage: Coverage) -> Json:
    return {
        "ran": coverage.ran,
        "of": coverage.of,
        "decisive_ran": coverage.decisive_ran,
        "decisive_of": coverage.decisive_of,
        "without_result": coverage.without_result,
        "lacking": [{"checks": each.checks, "needs": list(each.needs)} for each in coverage.lacks],
    }


def _finding(finding: Finding, failure: Failure | None) -> Json:
    return {
        "check": finding.check,
        "verdict": str(finding.verdict),
        "because": finding.because,
        "expected": finding.expected,
        "actual": finding.actual,
        "witnesses": list(finding.witnesses),
        "missing": finding.missing,
        "shows": finding.shows,
        "role": str(finding.role),
        "curl": failure.curl if failure and failure.curl else None,
    }


def _reading(line: ReadingLine) -> Json:
    return {
        "id": line.observation.reading,
        "question": line.reading.question if line.reading else None,
        "answers": list(line.observation.answers),
        "mock_default": line.reading.default if line.reading else None,
        "required": line.observation.required,
        "as_required": None if line.observation.required is None else not line.broken,
        "evidence": line.reading.evidence if line.reading else None,
        "witnesses": list(line.observation.witnesses),
    }


def _exchange(exchange: Exchange) -> Json:
    return {
        "number": exchange.number,
        "workspace": exchange.workspace,
        "credential": exchange.credential,
        "purpose": exchange.purpose,
        "parallel": exchange.parallel,
        "method": exchange.method,
        "path": exchange.path,
        "headers": dict(exchange.headers),
        "body": None if exchange.body is None else _body(exchange.body),
        "sent_at": _time(exchange.sent_at),
        "answered_at": _time(exchange.answered_at) if exchange.answered_at else None,
        "status": exchange.status,
        "answer_headers": dict(exchange.answer_headers),
        "answer": _body(exchange.answer),
        "lost": str(exchange.lost) if exchange.lost else None,
        "detail": exchange.detail,
    }


def _body(content: bytes) -> str | Json:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _time(moment: datetime) -> str:
    return moment.isoformat()
