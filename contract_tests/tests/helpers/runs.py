"""A run of the directed tests in this process, for the tests of the suite itself."""

from typing import Any

from tracepass_contract.contract_tests.model.verdicts import RunResult, Verdict
from tracepass_contract.contract_tests.run.pytest_run import run_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.target.target import opened


def result_of(url: str | None, *prefixes: str, **settings: Any) -> RunResult:
    """Against a deployment that can be provisioned; without a URL, a mock that is started for it. By default the
    sequences of `machine` are left out: they find on their own most of what the directed tests are to show.
    """
    deployment = None if url is None else Deployment(base_url=url)
    return result_of_settings(Settings(deployment=deployment, rule_prefixes=prefixes, **{"examples": 0, **settings}))


def result_of_settings(settings: Settings) -> RunResult:
    run = Run(settings)
    with opened(settings) as run.target:
        run_checks(run)
    assert run.result is not None
    return run.result


def violated(result: RunResult) -> dict[str, str]:
    """The violated rules, each with what was found."""
    return {
        each.rule: f"{each.check}: {each.because} expected {each.expected}; found {each.actual}"
        for each in result.findings
        if each.verdict in {Verdict.VIOLATES, Verdict.SUITE_ERROR}
    }
