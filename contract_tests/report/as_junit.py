"""The report as JUnit XML, with a test case for each rule.

Only a rule that conforms passes. A violation is a failure; a suite error and a must-rule that is not proven and not
accepted are errors. Any other verdict and a warning are skipped, with a message. A reading that breaks the card is a
failure of its own, an interrupted run an error. So there is a failure or an error exactly where the exit code is not 0.
"""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ..model.verdicts import Verdict
from .conclusion import is_unproven
from .text import answers, described, in_short, remark
from .view import Report, RuleLine

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report) -> bytes:
    result = report.result
    kinds = [_kind(line) for line in report.lines]
    broken = [line for line in report.card if line.broken]
    totals = {
        "name": "tracepass-check",
        "tests": str(len(kinds) + len(broken) + result.is_interrupted + len(result.failures)),
        "failures": str(kinds.count("failure") + len(broken)),
        "errors": str(kinds.count("error") + result.is_interrupted + len(result.failures)),
        "time": f"{report.seconds:.3f}",
    }
    root = Element("testsuites", totals)
    timestamp = result.started_at.replace(tzinfo=None).isoformat(timespec="seconds")
    suite = SubElement(root, "testsuite", totals | {"skipped": str(kinds.count("skipped")), "timestamp": timestamp})
    suite.set("name", _legal(result.target))
    properties = SubElement(suite, "properties")
    facts = {"run": result.run, "seed": str(result.seed), "exit code": str(report.exit_code)}
    for name, value in {**facts, **result.versions}.items():
        SubElement(properties, "property", name=_legal(name), value=_legal(value))
    for line, kind in zip(report.lines, kinds, strict=True):
        _case(suite, line, kind, report)
    for reading in broken:
        _bad(suite, "failure", "readings", reading.observation.reading, f"{answers(reading)}: {remark(reading)}")
    if result.is_interrupted:
        _bad(suite, "error", "run", "interrupted", "the run was interrupted, and some checks did not run")
    for number, failure in enumerate(result.failures, 1):
        _bad(suite, "error", "run", f"the suite itself, {number}", failure)
    SubElement(suite, "system-out").text = _legal("\n".join([report.conclusion, *result.notes]))
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def to_junit_of_end(target: str, message: str, code: int) -> bytes:
    """A run that ended without a report, as one error."""
    totals = {"name": "tracepass-check", "tests": "1", "failures": "0", "errors": "1", "time": "0"}
    root = Element("testsuites", totals)
    suite = SubElement(root, "testsuite", totals | {"skipped": "0", "name": _legal(target)})
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="exit code", value=str(code))
    _bad(suite, "error", "run", "no report", message)
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _kind(line: RuleLine) -> str | None:
    """The name of the element in the test case; None: it passed."""
    match line.verdict:
        case Verdict.SUITE_ERROR:
            return "error"
        case Verdict.VIOLATES:
            return "skipped" if line.warning else "failure"
        case Verdict.CONFORMS:
            return None
        case Verdict.INCONCLUSIVE | Verdict.UNTESTED | Verdict.PARTLY_TESTED | Verdict.NOT_APPLICABLE:
            return "error" if is_unproven(line.rule, line.verdict) and not line.accepted else "skipped"


def _case(suite: Element, line: RuleLine, kind: str | None, report: Report) -> None:
    case = SubElement(suite, "testcase", classname=_legal(line.rule.family), name=_legal(line.rule.id), time="0")
    if kind:
        verdict = f"warning: {line.verdict}" if line.warning else str(line.verdict)
        message = f"{verdict}: {line.because}" if line.because else verdict
        SubElement(case, kind, type=str(line.verdict), message=_legal(message)).text = _legal(in_short(line))
    failures = [described(failure) for failure in report.failures if failure.rule.id == line.rule.id]
    SubElement(case, "system-out").text = _legal("\n\n".join([line.coverage.in_words, *failures]))


def _bad(suite: Element, kind: str, classname: str, name: str, message: str) -> None:
    """A test case that is no rule, and that did not pass."""
    case = SubElement(suite, "testcase", classname=classname, name=_legal(name), time="0")
    SubElement(case, kind, type=kind, message=_legal(message)).text = _legal(message)


def _legal(text: str) -> str:
    """The text with U+FFFD for characters that XML does not allow, and for other control characters."""
    return _NOT_IN_XML.sub("\ufffd", text)
