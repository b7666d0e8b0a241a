"""What the markers of a test say: its rules, its needs, its price."""

import pytest

from tracepass_contract.spec import rules

from ..client.spend import FREE, ROOM, Price
from ..model.verdicts import Role

_ISOLATED = "P"
MARKERS = (
    "rule(id, …): the rules of spec/rules.yaml that the test checks; the first is the main one. A rule conforms only if"
    " all its tests ran, except those with `adds=True`. Where a test with `suffices=True` ran, it needs no other",
    "needs(code, …): capabilities of the target that the test requires",
    "price(writes, slots, cents): the most that the test takes from a conforming deployment",
    "risk(writes, slots, cents): the most that it takes in addition where the deployment fails to refuse a call",
    "thorough: adds values to what other tests decide (with `decides=True` it decides). It runs after them, and takes a"
    " fifth of what is left at most",
    "early: runs before the other tests, on any target",
    "spends_budget: takes what is left of a declared budget, except for what the clean-up needs",
    "late(left): runs after the other tests; tests with more `left` of a limit run first",
)


def roles_of(test: pytest.Item) -> dict[str, Role]:
    """The rules of a test, and what it means for each. Those that it decides come first."""
    found: dict[Role, dict[str, Role]] = {role: {} for role in Role}
    for marker in test.iter_markers("rule"):
        said = next((Role(name) for name, is_so in marker.kwargs.items() if is_so), None)
        for rule in marker.args:
            role = said or _usual_role(test, rule)
            found[role][rule] = role
    return found[Role.DECIDES] | found[Role.SUFFICES] | found[Role.ADDS]


def is_thorough(test: pytest.Item) -> bool:
    return test.get_closest_marker("thorough") is not None


def _usual_role(test: pytest.Item, rule: str) -> Role:
    """A thorough test only adds. So does one that needs an isolated workspace for a rule that can be shown without:
    nobody can give that to a run against a live deployment.
    """
    isolated = _ISOLATED in needs_of(test) and rule in rules() and _ISOLATED not in rules()[rule].needs
    return Role.ADDS if is_thorough(test) or isolated else Role.DECIDES


def spends_budget(test: pytest.Item) -> bool:
    return test.get_closest_marker("spends_budget") is not None


def needs_of(test: pytest.Item) -> list[str]:
    return [code for marker in test.iter_markers("needs") for code in marker.args]


def price_of(test: pytest.Item) -> Price:
    return _sum_of(test, "price")


def risk_of(test: pytest.Item) -> Price:
    return _sum_of(test, "risk")


def room_of(test: pytest.Item) -> Price:
    """How much must be left of the limits of a run before the test."""
    return (price_of(test) + risk_of(test)).times(ROOM if is_thorough(test) else 1)


def sentence_of(test: pytest.Item) -> str:
    """What the test shows of a conforming deployment; empty where it does not say so."""
    return " ".join((getattr(getattr(test, "function", None), "__doc__", None) or "").split())


def _sum_of(test: pytest.Item, name: str) -> Price:
    return sum((Price(**marker.kwargs) for marker in test.iter_markers(name)), FREE)
