"""The faults of a workspace: plan and list them."""

from typing import Any

from ...state import Workspace
from ...state.planned_faults import PlannedFault

Json = dict[str, Any]
_COMMON = frozenset({"kind", "times", "skip", "match"})
_DEFAULTS: dict[str, Json] = {
    "delay": {"before": "commit"},
    "status": {"status": 500, "effect": False},
    "status-at-item": {"status": 500},
    "lose-request": {"cut": "close"},
    "lose-response": {"cut": "close"},
    "truncate": {"bytes": 20},
}


def plan(workspace: Workspace, body: Json) -> Json:
    """Add a fault to the end of the queue."""
    kind = "status-at-item" if body["kind"] == "status" and "index" in body else body["kind"]
    options = _DEFAULTS.get(kind, {}) | {name: body[name] for name in body.keys() - _COMMON}
    fault = workspace.faults.plan(
        body["kind"], body.get("times", 1), body.get("skip", 0), body.get("match", {}), options
    )
    return as_json(fault)


def planned(workspace: Workspace) -> Json:
    return {"faults": [as_json(fault) for fault in workspace.faults.planned]}


def as_json(fault: PlannedFault) -> Json:
    """A fault and its use. A fault that is not `consumed` has not fired as often as planned."""
    return {
        "id": fault.id,
        "kind": fault.kind,
        "times": fault.times,
        "skip": fault.skip,
        "match": dict(fault.match),
        **fault.options,
        "fired": fault.fired,
        "consumed": fault.consumed,
    }
