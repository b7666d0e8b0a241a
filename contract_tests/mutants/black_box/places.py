"""What is changed: the modules of the mock that make its answers, without the functions that no client can reach."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path

MOCK = "tracepass_contract.mockserver"


class Area(StrEnum):
    """The operations that a module serves."""

    BATCH = "batch"
    RELATED = "related operations"
    SHARED = "shared"


MODULES: Mapping[str, Area] = {
    "http.api.batch_json": Area.BATCH,
    "http.api.operations": Area.SHARED,
    "http.api.qr": Area.RELATED,
    "http.api.replies": Area.SHARED,
    "http.api.reply_bodies": Area.RELATED,
    "http.api.request_bodies": Area.RELATED,
    "http.api.requests": Area.SHARED,
    "http.call.body": Area.SHARED,
    "http.call.exchange": Area.SHARED,
    "http.call.problems": Area.SHARED,
    "http.call.security": Area.SHARED,
    "http.errors": Area.SHARED,
    "http.middleware": Area.SHARED,
    "semantics.checks.budget": Area.SHARED,
    "semantics.checks.items": Area.BATCH,
    "semantics.checks.other_refusals": Area.RELATED,
    "semantics.checks.quota": Area.BATCH,
    "semantics.checks.refusals": Area.SHARED,
    "semantics.checks.replay": Area.SHARED,
    "semantics.checks.shape": Area.BATCH,
    "semantics.checks.trace": Area.SHARED,
    "semantics.checks.write": Area.SHARED,
    "semantics.operations.create_batch": Area.BATCH,
    "semantics.operations.create_passport": Area.RELATED,
    "semantics.operations.create_products": Area.RELATED,
    "semantics.operations.find": Area.RELATED,
    "semantics.operations.passport_changes": Area.RELATED,
    "semantics.operations.product_changes": Area.RELATED,
    "semantics.operations.reads": Area.RELATED,
    "semantics.types.accounts": Area.SHARED,
    "semantics.types.answers": Area.SHARED,
    "semantics.types.gs1": Area.SHARED,
    "semantics.types.records": Area.RELATED,
    "semantics.types.request": Area.SHARED,
    "semantics.types.results": Area.RELATED,
    "semantics.types.templates": Area.RELATED,
    "state.collections": Area.SHARED,
    "state.passport_index": Area.RELATED,
    "state.state": Area.SHARED,
    "state.stored_answers": Area.SHARED,
    "state.text_index": Area.RELATED,
    "state.view": Area.SHARED,
    "state.workspace": Area.SHARED,
}

_TEXTS: Sequence[str] = (  # how an error is said to a person: no rule speaks of it
    "http.call.problems:_LIMITS",
    "http.call.problems:FOUND_LENGTH_MAX",
    "http.call.problems:_expected",
    "http.call.problems:_found",
    "http.call.problems:shown",
    "semantics.checks.refusals:describe",
)
_UNREACHABLE: Sequence[str] = (  # only another reading, a planned fault, the control plane or the journal uses these
    "http.api.batch_json:_trimmed",
    "semantics.operations.create_batch:create_batch",
    "semantics.checks.items:JudgedItems._refuse",
    "semantics.checks.refusals:gtin_foreign",
    "semantics.checks.refusals:nothing_to_consent_to",
    "semantics.checks.refusals:product_unknown",
    "semantics.checks.refusals:race_lost",
    "semantics.checks.refusals:repeated_in_batch",
    "semantics.checks.replay:_fits",
    "semantics.types.gs1:_IDENTITIES",
    "http.api.operations:Operation.is_read",
    "semantics.types.answers:Decision.is_read",
    "http.api.replies:_require",
    "http.api.replies:_same_json",
    "http.api.operations:Operations._enter",
    "http.api.operations:_fired",
    "http.api.operations:Operations._preview",
    "http.api.operations:Operations.waits",
    "http.api.requests:_failing_item",
    "http.call.exchange:Call.received",
    "http.call.exchange:Call._target",
    "http.call.exchange:StateReplaced.*",
    "http.call.exchange:path_as_sent",
    "http.call.security:MisdirectedCall.*",
    "http.call.security:REPLICA_HEADER",
    "http.errors:RaisedMiddleware.*",
    "http.errors:bug",
    "http.errors:logged",
    "http.errors:not_delivered_logger",
    "http.errors:_in_short",
    "http.errors:_path_in",
    "http.errors:_control_problem",
    "semantics.checks.quota:consent_used",
    "semantics.checks.refusals:failed_in_the_middle",
    "semantics.checks.refusals:server_error",
    "semantics.checks.trace:Trace.passed",
    "*:*.numbers",
    "semantics.types.accounts:PLANS",  # a workspace of the suite has limits of its own
    "semantics.types.accounts:UNLIMITED",
    "semantics.types.templates:TEMPLATES",  # those of the vendor are others
    "state.state:State.clear",
    "state.state:State.replace_with",
    "state.state:State.has_api_key",
    "state.state:State.revoke_api_key",
    "state.state:State.api_keys",
    "state.state:State.apply_readings",
    "state.state:State._rebuild_pairs",
    "state.state:State.set_balances",
    "state.stored_answers:StoredAnswers.items",
    "state.stored_answers:StoredAnswers.clear",
    "state.workspace:Totals.*",
    "state.collections:Ascending.__iter__",
    "state.collections:Parted.__iter__",
    "state.collections:Parted.__len__",
)


def is_mutated(module: str, function: str) -> bool:
    """Whether a client can see what the function does, and a rule could speak of it."""
    return not any(fnmatch(f"{module}:{function}", each) for each in (*_TEXTS, *_UNREACHABLE))


def file_of(module: str) -> Path:
    found = find_spec(f"{MOCK}.{module}")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin)
