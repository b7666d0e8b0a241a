"""Which tests a run with `--rule` needs: those of the rules, and those whose calls show the rules, too.

A whole run finds violations of a rule in the tests of other rules: a test names the rule in an assertion, or a judge
sees it in the calls. So a run of few rules makes these calls, too. Its own tests come first.
"""

from collections.abc import Iterator, Mapping, Sequence
from inspect import unwrap
from types import CodeType, FunctionType

import pytest

from tracepass_contract import spec

from ..judging.judgement import is_selected
from .markers import roles_of

_SHOWN_BY: Mapping[str, Sequence[str]] = {  # a family of rules: what the judges look at is in tests of these rules, too
    "auth": ("auth", "idempotency.scoped-to-workspace", "calls.name-what-exists"),
    "batch": ("batch", "items"),
    "items": ("items", "batch"),
    "summary": ("items", "batch"),
    "errors": ("auth", "batch", "budget", "quota", "idempotency.refuses-another-body"),
    "budget": ("budget", "limits", "idempotency.replay-changes-nothing", "idempotency.refuses-another-body", "auth"),
    "quota": ("quota", "limits", "idempotency.replay-changes-nothing", "budget"),
    "limits": ("limits", "budget", "quota", "idempotency.executes-once"),
    "idempotency": ("idempotency", "limits"),
    **dict.fromkeys(("calls", "reads", "passports", "products"), ("calls", "reads", "passports", "products")),
}


def is_own(test: pytest.Item, prefixes: Sequence[str]) -> bool:
    """Whether the test is one of the selected rules."""
    return any(is_selected(rule, prefixes) for rule in roles_of(test))


def may_show(test: pytest.Item, prefixes: Sequence[str]) -> bool:
    """Whether the test, or its calls, may show a selected rule."""
    if is_own(test, prefixes):
        return True
    families = {rule.partition(".")[0] for rule in spec.rules() if is_selected(rule, prefixes)}
    shown_by = [prefix for family in families for prefix in _SHOWN_BY.get(family, ())]
    calls_show = any(rule.startswith(tuple(shown_by)) for rule in roles_of(test))
    return calls_show or any(is_selected(rule, prefixes) for rule in named_rules(test))


def named_rules(test: pytest.Item) -> set[str]:
    """The rules that the test names in its assertions, or in functions of its module that it calls."""
    function = getattr(test, "function", None)
    if function is None:
        return set()
    function = unwrap(function)
    return {each for code in _codes_of(function, set()) for each in code.co_consts if each in spec.rules()}


def _codes_of(function: FunctionType, seen: set[str]) -> Iterator[CodeType]:
    """The code of the function, of what is defined in it, and of the functions of its module that they name."""
    todo = [function.__code__]
    while todo:
        code = todo.pop()
        yield code
        todo += [each for each in code.co_consts if isinstance(each, CodeType)]
        for name in set(code.co_names) - seen:
            seen.add(name)
            called = function.__globals__.get(name)
            if isinstance(called, FunctionType) and called.__module__ == function.__module__:
                todo.append(called.__code__)
