"""Hooks for `schemathesis run`: the semantic checks, new idempotency keys, and bodies that can be created.

`SCHEMATHESIS_HOOKS=tracepass_contract.contract_tests.checks.fuzzing.hooks` loads them. Environment variables configure
them:

TRACEPASS_CONTROL       the control plane of a mock: each call gets a workspace of its own, with limits in reach
TRACEPASS_PRODUCT_ID,   without a control plane: a product of the workspace and its GTIN
TRACEPASS_GTIN
TRACEPASS_RUN           without a control plane: the name of this run in the serial numbers
TRACEPASS_OTHER_API_KEY a key of another workspace
TRACEPASS_MAX_WRITES, TRACEPASS_MAX_SLOTS, TRACEPASS_MAX_CHARGES
                        the ceilings; without a control plane 100, 10 and 0
TRACEPASS_CHECK_HEADER, TRACEPASS_CHECK_CA_FILE and the other network options of `tracepass-check`, except a command
for the key; and the variables of a proxy
"""

import atexit
import os
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode, HookContext

from . import semantic_checks
from .balances import Balances
from .bodies import fingerprint, grown, key_for, meaningful
from .exchanges import BATCH
from .network import access_from
from .spending import ceilings_from
from .transport import Watch, watching
from .workspaces import Workspaces

_SCENES = (
    *("plenty", "plenty", "plenty", "replays", "replays"),
    *("budget-short", "budget-exact", "quota-short", "quota-exact", "overage", "consent-short"),
)


class Preparation:
    """What happens to a generated call before it is sent."""

    def __init__(self, watch: Watch, environment: Mapping[str, str]) -> None:
        self._watch = watch
        self._environment = environment
        control = environment.get("TRACEPASS_CONTROL")
        self._workspaces = Workspaces(control.rstrip("/"), watch) if control else None
        self._charges_allowed = watch.spending.ceilings.charges != 0

    def __call__(self, case: Case[Any]) -> None:
        if case.method.upper() != "POST" or not case.operation.path.endswith(BATCH):
            return
        if not self._charges_allowed:
            _withdraw_consent(case.body)
        if case.meta is not None and case.meta.generation.mode is GenerationMode.NEGATIVE:
            return  # the test is about its mistake
        case.headers["Idempotency-Key"] = key_for(case.body)
        if self._workspaces is not None:
            scene = _SCENES[fingerprint(case.body) % len(_SCENES)]
            body = grown(case.body, at_least=2 if scene.endswith("-short") else 1)
            workspace = self._workspaces.create(scene, len(body["passports"]))
            self._watch.lend(workspace.api_key)
            case.body = meaningful(body, workspace.product_id, workspace.gtin, charges_allowed=self._charges_allowed)
        else:
            self._know(case)

    def _know(self, case: Case[Any]) -> None:
        """Set the declared limits of the given workspace."""
        api_key = str(case.headers.get("Authorization", "")).partition(" ")[2]
        if api_key and api_key not in self._watch.balances:
            said = self._environment
            product_id, gtin, run = (said.get(f"TRACEPASS_{name}") for name in ("PRODUCT_ID", "GTIN", "RUN"))
            named = product_id and gtin and run
            self._watch.balances[api_key] = Balances(product_id, gtin, f"CONF-{run}-") if named else Balances()
            if other := said.get("TRACEPASS_OTHER_API_KEY"):
                self._watch.other[api_key] = other


def _withdraw_consent(body: Any) -> None:
    if isinstance(body, dict):
        items = body.get("passports")
        for each in (body, *(items if isinstance(items, list) else ())):
            if isinstance(each, dict):
                each.pop("confirmOverage", None)


_until_the_end = ExitStack()


@atexit.register
def _say_what_was_spent() -> None:
    print(f"TracePass: {_watch.spending}")
    _until_the_end.close()


_watch = _until_the_end.enter_context(watching(ceilings_from(os.environ), access_from(os.environ)))
_prepare = Preparation(_watch, os.environ)
for _check in semantic_checks.CHECKS:
    schemathesis.check(_check)


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    _prepare(case)
