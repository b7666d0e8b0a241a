from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tracepass_contract.contract_tests.model.verdicts import Observation, RunResult, Verdict
from tracepass_contract.contract_tests.report.as_junit import to_junit
from tracepass_contract.contract_tests.tests.helpers.sample_run import sample, verdicts
from tracepass_contract.spec import rules

# What Surefire's and Jenkins' schemas let stand where: the attributes and the children of each element.
ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        {"properties", "testcase", "system-out"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name", "time"}, {"failure", "error", "skipped", "system-out"}),
    **dict.fromkeys(("failure", "error", "skipped"), ({"type", "message"}, set())),
    "system-out": (set(), set()),
}


def test_each_rule_is_a_case_of_its_family() -> None:
    root = ElementTree.fromstring(to_junit(sample()))

    cases = {(case.get("classname"), case.get("name")) for case in root.iter("testcase")}
    assert cases == {(rule.family, rule.id) for rule in rules().values()} | {("readings", "budget.refunds")}
    # failures: two rules and a reading; errors: two must-rules that are not proven
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (str(len(rules()) + 1), "3", "2")
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.get("skipped") == "3"  # two that are no must-rules are untested, one is not applicable


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (Verdict.SUITE_ERROR, "error"),
        (Verdict.VIOLATES, "failure"),
        (Verdict.INCONCLUSIVE, "error"),
        (Verdict.UNTESTED, "error"),
        (Verdict.PARTLY_TESTED, "error"),
        (Verdict.NOT_APPLICABLE, "skipped"),
    ],
)
def test_only_what_conforms_passes(verdict: Verdict, kind: str) -> None:
    root = ElementTree.fromstring(to_junit(sample(verdicts(summary__adds_up=verdict))))

    children = [(case, child) for case in root.iter("testcase") for child in case if child.tag != "system-out"]
    found = [(case.get("name"), child.tag, child.get("message")) for case, child in children]
    assert found == [("summary.adds-up", kind, str(verdict))]


@pytest.mark.parametrize(
    "run",
    [
        verdicts(),
        verdicts(budget__is_shared=Verdict.UNTESTED),
        verdicts(summary__adds_up=Verdict.PARTLY_TESTED),
        verdicts(budget__is_shared=Verdict.SUITE_ERROR),
        replace(verdicts(), observations=[Observation("budget.refunds", ["none"], required="failed-items")]),
        replace(verdicts(), is_interrupted=True),
    ],
)
@pytest.mark.parametrize("accepted", [[], ["summary.adds-up"]])
def test_something_fails_exactly_where_the_exit_code_is_not_0(run: RunResult, accepted: list[str]) -> None:
    report = sample(run, accepted)

    root = ElementTree.fromstring(to_junit(report))

    failed = [case for case in root.iter("testcase") if {child.tag for child in case} & {"failure", "error"}]
    assert bool(failed) == (report.exit_code != 0)
    assert len(failed) == int(root.get("failures") or 0) + int(root.get("errors") or 0)


def test_each_case_says_how_many_checks_ran() -> None:
    root = ElementTree.fromstring(to_junit(sample()))

    said = {case.get("name"): case.findtext("system-out") or "" for case in root.iter("testcase")}
    assert said["summary.adds-up"] == "1 of 1 check"
    assert said["quota.asks-for-consent"].startswith("0 of 1 check; 1 needs a known passport quota")


def test_a_failure_tells_all_that_the_terminal_tells() -> None:
    root = ElementTree.fromstring(to_junit(sample()))

    case = root.find(".//testcase[@name='budget.refuses-whole-batch']")
    assert case is not None
    [failure] = case.findall("failure")
    found = "200 with three results, for the key [redacted]"
    assert failure.get("message") == f"violates: expected 429, and both writes still there, found {found}"
    said = case.findtext("system-out") or ""
    assert "expected  429, and both writes still there" in said
    assert "curl -sS" in said


def test_nothing_stands_where_the_common_schema_has_no_place_for_it() -> None:
    for element in ElementTree.fromstring(to_junit(sample())).iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) == attributes
        assert {child.tag for child in element} <= children


def test_what_xml_cannot_hold_does_not_break_it() -> None:
    """The sample has an answer with an escape character and a byte that is no UTF-8."""
    content = to_junit(sample()).decode()

    assert "\x1b" not in content
    assert "</script>" not in content
