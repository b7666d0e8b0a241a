"""Properties that a schema can't express, with bodies generated from the document.

Schemathesis makes the bodies. Each gets an existing product and goes to a workspace of its own with limits that are in
reach. The checks of `semantic_checks` judge the answers.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from tracepass_contract.contract_tests.checks.fuzzing import semantic_checks
from tracepass_contract.contract_tests.checks.fuzzing.sender import Sender
from tracepass_contract.contract_tests.checks.fuzzing.spending import Ceilings
from tracepass_contract.contract_tests.checks.fuzzing.transport import watching
from tracepass_contract.contract_tests.target.mock_process import served
from tracepass_contract.spec import openapi_document

EXAMPLES = 15
ENOUGH = 0.9  # of the calls that a workspace was made for; one that refuses everything shows nothing

schema = schemathesis.openapi.from_dict(openapi_document()).include(operation_id="createPassportBatch")
schema.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
few = settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate, Phase.shrink],
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with served(mutant=request.config.getoption("--mutant")) as url:
        yield url


@pytest.fixture
def send(base_url: str) -> Iterator[Sender]:
    """The test fails where too few of the batches that must be admitted are admitted."""
    with watching(Ceilings(charges=None)) as watch:
        sender = Sender(base_url, watch)
        yield sender
    assert len(sender.seen) >= EXAMPLES // 2
    for scene, share in sender.shares().items():
        assert share >= ENOUGH, f"{scene}: {sender.seen}"


@few
@schema.parametrize()
@pytest.mark.rule("items.fail-independently")
def test_every_item_has_the_result_it_would_have_alone(case: Case[Any], send: Sender) -> None:
    send(case, [semantic_checks.partial_success], "plenty")


@few
@schema.parametrize()
@pytest.mark.rule("quota.asks-for-consent")
def test_a_batch_that_does_not_fit_leaves_no_trace(case: Case[Any], send: Sender) -> None:
    """A batch over the quota or the budget changes nothing, and a batch that fits exactly is admitted."""
    send(case, [semantic_checks.quota], "budget-short", "budget-exact", "quota-short", "quota-exact")


@few
@schema.parametrize()
@pytest.mark.rule("quota.consent-covers-whole-batch")
def test_consent_admits_the_whole_batch_and_no_other(case: Case[Any], send: Sender) -> None:
    send(case, [semantic_checks.overage], "overage", "quota-short")


@few
@schema.parametrize()
@pytest.mark.rule("idempotency.replays-original")
def test_a_replay_says_what_was_said_and_changes_nothing(case: Case[Any], send: Sender) -> None:
    send(case, [semantic_checks.idempotency], "plenty", "replays")
