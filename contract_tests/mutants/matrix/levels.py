"""Levels of knowledge of a deployment: the batch endpoint alone, then more and more, and a small plan.

A higher level declares more in its deployment file. Only `EVERYTHING` has a control plane.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ...target.control_plane import ControlPlane, Json
from ...target.deployment import Deployment, SecondWorkspace
from ...target.settings import Settings

EVERYTHING = "everything"
SMALL = "100 writes, 3 passports"
STOCK = "stock Schemathesis"  # a run without this suite, for comparison
_ROOMY = {"writes_per_day": 300, "passports_included": 120, "overage_supported": True}
_HALF = {"max_writes": 1_000, "max_slots": 60, "keep_drafts": True}  # else the last writes are for deletions
_ALL_OF_IT = {**_HALF, "max_slots": 150}  # a test asks for one more than is left
_KEY, _SECOND_KEY, _OTHER_KEY = "MATRIX_KEY", "MATRIX_SECOND_KEY", "MATRIX_OTHER_KEY"


@dataclass(frozen=True, slots=True)
class _Given:
    """The workspace of a level, what is declared of it, and the ceilings there."""

    workspace: Mapping[str, Any]
    declared: Sequence[str]
    ceilings: Mapping[str, Any]


_BUDGET = ("writes_left", "writes_per_day")
_QUOTA = (*_BUDGET, "slots_left", "overage_supported")
_READ_BACK = (*_QUOTA, "read_back", "single_create")
_OTHERS = (*_READ_BACK, "second_key_env", "second_workspace")
_GIVEN = {
    "the batch endpoint, one key": _Given(_ROOMY, (), _HALF),
    "and a known write budget": _Given(_ROOMY, _BUDGET, _HALF),
    "and a known passport quota": _Given(_ROOMY, _QUOTA, _ALL_OF_IT),
    "and reading back, single creates": _Given(_ROOMY, _READ_BACK, _ALL_OF_IT),
    "and a second key and workspace, parallel calls": _Given(_ROOMY, _OTHERS, {**_ALL_OF_IT, "concurrency": True}),
}
LEVELS = (*_GIVEN, EVERYTHING)
_ALL = {**_GIVEN, SMALL: _Given({"plan": "free"}, _READ_BACK, {"max_writes": 101, "max_slots": 3, "keep_drafts": True})}


@contextmanager
def given_at(level: str, settings: Settings) -> Iterator[Settings]:
    """The settings of a run at this level, against a mock that serves until the end of the block."""
    if level == EVERYTHING:
        yield settings
        return
    given = _ALL[level]
    with settings.start_mock(settings.mock_options, settings.mock_log) as base_url:
        control = ControlPlane(base_url, None)
        try:
            deployment = _deployment(base_url, control, given)
        finally:
            control.close()
        yield replace(settings, deployment=deployment, control_plane=False, **given.ceilings)


def _deployment(base_url: str, control: ControlPlane, given: _Given) -> Deployment:
    main = control.create_workspace(**given.workspace)
    keys = {_KEY: main["api_key"]}
    known = _known(main)
    if "second_workspace" in given.declared:
        other = control.create_workspace(**given.workspace)
        keys |= {_SECOND_KEY: control.add_key(main["id"]), _OTHER_KEY: other["api_key"]}
        known |= {
            "second_key_env": _SECOND_KEY,
            "second_workspace": SecondWorkspace(_OTHER_KEY, other["product_id"], other["gtin"]),
        }
    return Deployment(
        base_url=base_url,
        api_key_env=_KEY,
        product_id=main["product_id"],
        gtin=main["gtin"],
        keys=keys,
        **{"read_back": False, "single_create": False, **{name: known[name] for name in given.declared}},
    )


def _known(workspace: Json) -> dict[str, Any]:
    return {
        "writes_per_day": workspace["writes_per_day"],
        "writes_left": workspace["writes_left"],
        "slots_left": workspace["passports_left"],
        "overage_supported": workspace["overage_supported"],
        "read_back": True,
        "single_create": True,
    }
