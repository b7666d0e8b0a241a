"""The code that runs only under other readings than the defaults. The suite runs against the defaults.

A change of such code shows in no answer, and a change of the question itself (`readings.refunds is Refunds.NONE`)
gives another legal answer. So none of it is mutated.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import fields

from tracepass_contract.mockserver.semantics.types.readings import Readings

_DEFAULTS = Readings()
_NAMES = frozenset(each.name for each in fields(Readings))
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def questions(tree: ast.AST) -> set[ast.AST]:
    """The nodes that ask for a reading. They stay, and their parts may change."""
    return {
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.If | ast.IfExp) and answer(node.test) is not None)
        or (isinstance(node, ast.Match) and _reading(node.subject))
    }


def unused(tree: ast.AST) -> set[ast.AST]:
    """The nodes that stay with all their parts: what is asked, and what only other answers run."""
    return {inner for node in ast.walk(tree) for outer in _unused_of(node) for inner in ast.walk(outer)}


def answer(test: ast.expr) -> bool | None:
    """The value of a test under the defaults; None where it depends on something else."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        found = answer(test.operand)
        return None if found is None else not found
    if isinstance(test, ast.BoolOp):
        answers, decided = [answer(each) for each in test.values], isinstance(test.op, ast.Or)
        if decided in answers:
            return decided
        return None if None in answers else not decided
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Is | ast.IsNot):
        name, member = _reading(test.left), _member(test.comparators[0])
        if name and member:
            is_default = getattr(_DEFAULTS, name).name == member
            return is_default is isinstance(test.ops[0], ast.Is)
    return None


def _unused_of(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare | ast.BoolOp) and answer(node) is not None:
        yield node
    elif isinstance(node, ast.If | ast.IfExp) and (found := answer(node.test)) is not None:
        other = node.orelse if found else node.body
        yield from other if isinstance(other, list) else [other]
    elif isinstance(node, ast.Match) and (name := _reading(node.subject)):
        yield node.subject
        for case in node.cases:
            yield case.pattern if _is_default(case, name) else case
    for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
        if isinstance(block, list):
            yield from _behind_a_return(block)


def _behind_a_return(block: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """The statements behind a guard or a `match` that always returns."""
    for nth, each in enumerate(block):
        if isinstance(each, ast.If) and answer(each.test) and isinstance(each.body[-1], _ENDS):
            return block[nth + 1 :]
        if isinstance(each, ast.Match) and (name := _reading(each.subject)):
            used = [case for case in each.cases if _is_default(case, name)]
            if used and isinstance(used[0].body[-1], _ENDS):
                return block[nth + 1 :]
    return ()


def _is_default(case: ast.match_case, name: str) -> bool:
    """Whether this case of `match readings.…` is that of the default."""
    return bool(_member(getattr(case.pattern, "value", None)) == getattr(_DEFAULTS, name).name)


def _reading(node: ast.AST) -> str | None:
    """The reading of `readings.…` or `self.readings.…`."""
    if isinstance(node, ast.Attribute) and node.attr in _NAMES:
        holder = getattr(node.value, "id", None) or getattr(node.value, "attr", "")
        return node.attr if str(holder).endswith("readings") else None
    return None


def _member(node: ast.AST | None) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else None
