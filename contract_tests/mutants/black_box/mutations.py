"""All mutants of the mock: each place that an operator can change, with a stable name."""

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from copy import copy
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from textwrap import indent
from typing import NamedTuple

from tracepass_contract import spec

from .default_readings import questions, unused
from .operators import OPERATORS
from .places import MODULES, Area, file_of, is_mutated

Unit = ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign | ast.AnnAssign
Steps = tuple[tuple[str, int | None], ...]  # from a node to a node inside it: field and index
_UNSEEN_FIELDS = frozenset({"annotation", "returns", "decorator_list", "type_comment", "type_params", "bases"})
_UNSEEN_CALLS = re.compile(
    r"(logger\.\w+|log_line|\w+\.passed|\w+\.append\(Check|Check|cast|_require|TypeVar|partial)\("
)
_UNSEEN_TARGETS = re.compile(r"(budget|quota|\w*\.?totals\.\w+|__slots__) [+=]")  # of the journal and the ledger
_TYPE = re.compile(r"(Callable|Literal|Sequence|Mapping|dict|list|tuple|TypeVar)[\[(]|[A-Z]\w+ \| [A-Z]")
_AROUND = 30  # characters
_NAME = re.compile(r"[A-Za-z_][\w-]+")


class Hidden(NamedTuple):
    """The nodes that no operator may change, by themselves or with all that is in them."""

    themselves: Set[ast.AST]
    wholly: Set[ast.AST]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change. `key` depends only on the text of its function and the place in it.

    `text` stands in place of the lines `first` to `last` of the module.
    """

    module: str
    function: str
    line: int
    operator: str
    nth: int  # of this operator in this line
    key: str
    was: str
    became: str
    text: str
    first: int
    last: int

    @property
    def id(self) -> str:
        return f"{self.module}:{self.function}:{self.line}:{self.operator}:{self.nth}"

    @property
    def area(self) -> Area:
        return MODULES[self.module]

    @property
    def change(self) -> str:
        return f"{self.was} → {self.became or 'nothing'}"

    def source_from(self, source: str) -> str:
        """The source of the module with the change."""
        lines = source.splitlines(keepends=True)
        return "".join([*lines[: self.first - 1], self.text, *lines[self.last :]])


def all_mutations() -> Sequence[Mutation]:
    """Those of the whole mock, in the order of its modules and lines."""
    return [each for module in MODULES for each in mutations_of(module, file_of(module).read_text(encoding="utf-8"))]


def mutations_of(module: str, source: str) -> Iterator[Mutation]:
    """Those of one module. Two operators that make the same change make one mutant."""
    tree = ast.parse(source)
    names, hidden = _exchanges(tree), Hidden(questions(tree), unused(tree))
    for function, unit in _units(tree):
        if is_mutated(module, function) and not _is_declaration(unit):
            yield from _of_unit(module, function, unit, names, hidden)


def _of_unit(module: str, function: str, unit: Unit, names: Mapping[str, str], hidden: Hidden) -> Iterator[Mutation]:
    text = ast.unparse(unit)
    seen, in_lines, in_unit = {text}, Counter[tuple[str, int]](), Counter[str]()
    first = min([unit.lineno, *(each.lineno for each in getattr(unit, "decorator_list", ()))])
    for steps, node in _nodes(unit, hidden):
        line = getattr(node, "lineno", unit.lineno)
        for operator, change in OPERATORS.items():
            for other in change(node, names):
                nth, in_unit[operator] = in_unit[operator], in_unit[operator] + 1
                became = ast.unparse(_replaced(unit, steps, other))
                if became in seen:
                    continue
                seen.add(became)
                in_lines[operator, line] += 1
                key = _digest(f"{module} {function} {text} {operator} {nth}")[:12]
                was_and_became = _difference(text, became) if steps else ("…", became.splitlines()[-1].strip())
                whole = indent(became, " " * unit.col_offset) + "\n"
                last = unit.end_lineno or unit.lineno
                nth = in_lines[operator, line]
                yield Mutation(module, function, line, operator, nth, key, *was_and_became, whole, first, last)


def _units(tree: ast.Module) -> Iterator[tuple[str, Unit]]:
    """The functions, methods and assigned constants of a module, with their names."""

    def inside(holder: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Unit]]:
        for each in holder.body:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + each.name, each
            elif isinstance(each, ast.ClassDef):
                yield from inside(each, f"{prefix}{each.name}.")
            elif isinstance(each, ast.Assign | ast.AnnAssign) and each.value is not None:
                target = each.targets[0] if isinstance(each, ast.Assign) else each.target
                if not _TYPE.match(ast.unparse(each.value)):
                    yield prefix + ast.unparse(target), each

    yield from inside(tree, "")


def _is_declaration(unit: Unit) -> bool:
    """Whether a function has no body of its own: a protocol or an abstract class declares it."""
    if isinstance(unit, ast.Assign | ast.AnnAssign):
        return False
    return all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in unit.body)


def _nodes(unit: ast.AST, hidden: Hidden, steps: Steps = ()) -> Iterator[tuple[Steps, ast.AST]]:
    """The nodes that may be changed, from the outside to the inside."""
    if unit in hidden.wholly or _is_unseen(unit):
        return
    if unit not in hidden.themselves:
        yield steps, unit
    for field, value in ast.iter_fields(unit):
        if field in _UNSEEN_FIELDS:
            continue
        if isinstance(value, ast.AST):
            yield from _nodes(value, hidden, (*steps, (field, None)))
        elif isinstance(value, list):
            for nth, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield from _nodes(each, hidden, (*steps, (field, nth)))


def _is_unseen(node: ast.AST) -> bool:
    """What no client sees: docstrings, the log, the journal, and what only type checkers and developers read."""
    if isinstance(node, ast.Match):
        return all(map(_is_unseen, (each for case in node.cases for each in case.body)))
    if isinstance(node, ast.Assert):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.Call) and _UNSEEN_CALLS.match(ast.unparse(node)):
        return True
    if isinstance(node, ast.Expr):
        return _is_unseen(node.value)
    return isinstance(node, ast.Assign | ast.AugAssign) and _UNSEEN_TARGETS.match(ast.unparse(node)) is not None


def _exchanges(tree: ast.AST) -> Mapping[str, str]:
    """Each name on the wire with the next one of the module. Sentences and rule ids are none."""
    prose = {each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    found = dict.fromkeys(
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant)
        and each not in prose
        and isinstance(each.value, str)
        and _NAME.fullmatch(each.value)
        and each.value not in spec.rules()
    )
    names = [*found]
    return dict(zip(names, [*names[1:], names[0]], strict=True)) if len(names) > 1 else {}


def _replaced(unit: ast.AST, steps: Steps, other: ast.AST) -> ast.AST:
    """The unit with another node at this place. The unit itself does not change."""
    if not steps:
        return other
    (field, index), rest = steps[0], steps[1:]
    changed, held = copy(unit), getattr(unit, steps[0][0])
    if index is None:
        setattr(changed, field, _replaced(held, rest, other))
    else:
        setattr(changed, field, [*held[:index], _replaced(held[index], rest, other), *held[index + 1 :]])
    return changed


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _difference(text: str, became: str) -> tuple[str, str]:
    """The lines that differ, in one line each, with a few characters around the difference."""
    before, after = text.splitlines(), became.splitlines()
    blocks = [each for each in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if each[0] != "equal"]
    first, last = blocks[0], blocks[-1]
    return _shortened(_joined(before[first[1] : last[2]]), _joined(after[first[3] : last[4]]))


def _shortened(was: str, became: str) -> tuple[str, str]:
    start = _alike(was, became)
    end = min(_alike(was[::-1], became[::-1]), min(len(was), len(became)) - start)
    start, end = max(0, start - _AROUND), max(0, end - _AROUND)
    head, tail = "…" * (start > 0), "…" * (end > 0)
    return head + was[start : len(was) - end] + tail, head + became[start : len(became) - end] + tail


def _alike(one: str, other: str) -> int:
    """The number of characters that both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _joined(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines)
