"""The semantic checks find what is wrong, name its rule, and raise no alarm at what may be otherwise.

`make kills` holds the command line itself against every mutant, with the checks and without them.
"""

from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tracepass_contract.contract_tests.checks.fuzzing import semantic_checks
from tracepass_contract.contract_tests.checks.fuzzing.sender import ANSWERED, Sender
from tracepass_contract.contract_tests.checks.fuzzing.spending import Ceilings
from tracepass_contract.contract_tests.checks.fuzzing.transport import watching
from tracepass_contract.contract_tests.mutants import FIRST_EIGHT, catalogue
from tracepass_contract.contract_tests.tests.helpers.in_process import serving
from tracepass_contract.spec import check_answers, document_under, openapi_document

ENOUGH = 0.3  # of the calls of a scene answered as it is made for: some readings refuse whole what others fail by item
CARDS: Mapping[str, Mapping[str, str]] = {
    "created with 201, mixed with 207": {"batch.all-created-status": "201", "batch.mixed-status": "207"},
    "all failed is 422": {"batch.all-failed-status": "422", "idempotency.remembered-outcomes": "executed"},
    "items fail their own way": {"items.malformed-item": "item-error", "items.bad-parties": "item-error"},
    "refuses whole": {
        "items.duplicate-in-batch": "whole-refused",
        "items.unknown-product": "whole-404",
        "items.foreign-gtin": "whole-409",
    },
    "last wins, trimmed": {"items.duplicate-in-batch": "last-wins", "items.serial-equality": "trimmed"},
    "GS1 serials, folded": {"items.serial-domain": "gs1-1-to-20", "items.serial-equality": "case-folded"},
    "little data": {"items.created-data": "trimmed", "idempotency.replay-equality": "same-json"},
    "strict members": {"batch.unknown-members": "refused", "items.gtin-check-digit": "enforced"},
    "created ones count": {"budget.counted-items": "created-items", "quota.compares-with": "creatable-items"},
    "refunds": {"budget.refunds": "failed-items", "quota.charges": "requested-beyond-quota"},
    "refusals cost": {"budget.refused-shape": "every-item", "budget.refused-by-quota": "every-item"},
    "keys by 409": {"idempotency.key-reuse": "409", "idempotency.fingerprint": "raw-bytes"},
    "keys of a workspace": {
        "idempotency.key-identity": "workspace",
        "idempotency.replay-marker": "idempotent-replayed",
    },
    "remembers all": {"idempotency.remembered-outcomes": "all", "idempotency.lifetime-from": "last-replay"},
    "budget before keys": {"idempotency.replay-when-budget-spent": "refused", "budget.refusal-headers": "ratelimit"},
    "consent in items": {"quota.consent-place": "items-only", "quota.conflicting-consent": "strictest-wins"},
    "no consent for nothing": {"quota.consent-within-quota": "refused", "quota.without-overage": "403"},
    "nested token": {"quota.token-place": "nested", "quota.without-overage": "same-402", "batch.size-refusal": "413"},
}


def attack(base_url: str, document: Mapping[str, Any], examples: int) -> str:
    """What the four checks have against a server after so many generated bodies in each scene, or nothing."""
    schema = schemathesis.openapi.from_dict(dict(document))
    operation = schema["/passports/batch"]["POST"]
    with watching(Ceilings(charges=None)) as watch:
        sender = Sender(base_url, watch)

        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def every_scene(case: Any) -> None:
            for scene in ANSWERED:
                sender(operation.Case(body=case.body, media_type="application/json"), semantic_checks.CHECKS, scene)

        try:
            every_scene()
        except AssertionError as failure:
            return str(failure)
        except BaseExceptionGroup as failures:
            return "\n".join(str(each) for each in failures.exceptions)
    assert min(sender.shares().values()) >= ENOUGH, sender.seen
    return ""


@pytest.mark.parametrize("mutant", FIRST_EIGHT)
def test_a_wrong_server_is_caught_by_the_rule_it_breaks(mutant: str) -> None:
    """It ends with the first thing that is found, mostly within a few bodies. Sizes are tried with one in four."""
    with serving(mutant) as base_url:
        found = attack(base_url, openapi_document(), examples=25)

    assert {catalogue()[mutant].rule, *catalogue()[mutant].also} & set(found.split()), found


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_a_right_server_raises_no_alarm_however_it_reads_the_documentation(card: Mapping[str, str]) -> None:
    assert not check_answers(dict(card))

    with serving(readings=card) as base_url:
        found = attack(base_url, document_under(card), examples=3)

    assert found == ""
