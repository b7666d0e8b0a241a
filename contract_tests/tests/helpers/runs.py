"""A run of the directed tests in this process, for the tests of the suite itself."""

from typing import Any

from tracepass_contract.contract_tests.model.verdicts import RunResult, Verdict
from tracepass_contract.contract_tests.run.pytest_run import perform
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import Settings


def result_of(url: str | None, *prefixes: str, **settings: Any) -> RunResult:
    """Against a deployment that can be provisioned; without a URL, a mock that is started for it. By default the
    sequences of `machine` are left out: they find on their own most of what the directed tests are to show.
    """
    deployment = None if url is None else Deployment(base_url=url)
    return result_of_settings(Settings(deployment=deployment, rule_prefixes=prefixes, **{"examples": 0, **settings}))


def result_of_settings(settings: Settings) -> RunResult:
    result = perform(settings).result
    assert result is not None
    return result


def violated(result: RunResult) -> dict[str, str]:
    """The violated rules, each with what was found."""
    return {
        each.rule: f"{each.check}: {each.because} expected {each.expected}; found {each.actual}"
        for each in result.findings
        if each.verdict in {Verdict.VIOLATES, Verdict.SUITE_ERROR}
    }
