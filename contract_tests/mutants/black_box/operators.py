"""The changes: each operator takes a node of the syntax tree and yields what may stand in its place.

An operator never changes the given node. A removed statement becomes `pass`.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Operator = Callable[[ast.AST, Mapping[str, str]], Iterator[ast.AST]]
"""The second parameter maps each name on the wire that the module has to another one of the same module."""

_COMPARISONS: Mapping[type[ast.cmpop], Sequence[type[ast.cmpop]]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPPOSITES: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    **{operator: others[0] for operator, others in _COMPARISONS.items()},
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
}
_ARITHMETIC: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.RShift: ast.LShift,
}
_EXCHANGED = {"min": "max", "max": "min", "any": "all", "all": "any", "lower": "upper", "strip": "lstrip"}
_REMOVABLE = (ast.Call, ast.Await, ast.Yield, ast.Delete, ast.Raise, ast.Continue, ast.Break, ast.AugAssign)


def negated(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """A condition becomes its opposite."""
    if isinstance(node, ast.If | ast.IfExp | ast.While | ast.match_case):
        field = "guard" if isinstance(node, ast.match_case) else "test"
        if (test := getattr(node, field)) is not None:
            yield _with(node, **{field: _opposite(test)})
    elif isinstance(node, ast.comprehension):
        for nth, test in enumerate(node.ifs):
            yield _with(node, ifs=[*node.ifs[:nth], _opposite(test), *node.ifs[nth + 1 :]])


def compared_otherwise(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """`<` becomes `<=` and `>`, `==` becomes `!=`, and so on."""
    if isinstance(node, ast.Compare):
        for nth, operator in enumerate(node.ops):
            for other in _COMPARISONS[type(operator)]:
                yield _with(node, ops=[*node.ops[:nth], other(), *node.ops[nth + 1 :]])


def joined_otherwise(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """`and` becomes `or`, and each operand is left out once."""
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for nth in range(len(node.values)):
            rest = [*node.values[:nth], *node.values[nth + 1 :]]
            yield deepcopy(rest[0]) if len(rest) == 1 else _with(node, values=rest)


def another_number(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """A number becomes one more and one less."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for other in (node.value + 1, node.value - 1):  # type: ignore[operator]
            yield _with(node, value=other)


def the_other_boolean(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _with(node, value=not node.value)


def another_name(node: ast.AST, names: Mapping[str, str]) -> Iterator[ast.AST]:
    """A name on the wire becomes another one of the module."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names:
        yield _with(node, value=names[node.value])


def calculated_otherwise(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """`+` becomes `-`, `*` becomes `//`, and so on; `min` becomes `max`. A minus sign is left out."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and (other := _ARITHMETIC.get(type(node.op))):
        is_text = isinstance(node, ast.BinOp) and any(map(_is_text, (node.left, node.right)))
        if not is_text:
            yield _with(node, op=other())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield deepcopy(node.operand)
    elif isinstance(node, ast.Name) and node.id in _EXCHANGED:
        yield _with(node, id=_EXCHANGED[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in _EXCHANGED:
        yield _with(node, attr=_EXCHANGED[node.attr])


def removed(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """A statement is left out: a call, an assignment to a member, a guard (`if …: return`), a case of a `match`."""
    statement = node.value if isinstance(node, ast.Expr) else node
    if isinstance(statement, _REMOVABLE) and isinstance(node, ast.stmt):
        yield ast.Pass()
    elif isinstance(node, ast.Assign) and not any(isinstance(target, ast.Name) for target in node.targets):
        if not any(isinstance(target, ast.Tuple) for target in node.targets):
            yield ast.Pass()
    elif isinstance(node, ast.If):
        if not node.orelse:
            yield ast.Pass()
    elif isinstance(node, ast.Match) and len(node.cases) > 1:
        for nth in range(len(node.cases)):
            yield _with(node, cases=[*node.cases[:nth], *node.cases[nth + 1 :]])


def other_arguments(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """Two positional arguments, or two parts of a tuple, change places, or a keyword is left out."""
    if isinstance(node, ast.Call):
        for nth in range(len(node.args) - 1):
            if not any(isinstance(each, ast.Starred) for each in node.args[nth : nth + 2]):
                yield _with(node, args=_exchanged(node.args, nth))
        for nth in range(len(node.keywords)):
            yield _with(node, keywords=[*node.keywords[:nth], *node.keywords[nth + 1 :]])
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and not _is_table(node):
        for nth in range(len(node.elts) - 1):
            yield _with(node, elts=_exchanged(node.elts, nth))


def other_members(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """A member of a dict is left out, or has the value of the next."""
    if isinstance(node, ast.Dict):
        for nth in range(len(node.keys)):
            keys, values = [*node.keys], [*node.values]
            del keys[nth], values[nth]
            yield _with(node, keys=keys, values=values)
        for nth in range(len(node.keys) - 1):
            if node.keys[nth] is not None and node.keys[nth + 1] is not None:
                yield _with(node, values=_exchanged(node.values, nth))


def returned_early(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """A function returns None or its first parameter; one `return` returns None."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        names = [each.arg for each in node.args.args if each.arg not in {"self", "cls"}]
        for value in [ast.Constant(None), *(ast.Name(name, ast.Load()) for name in names[:1])]:
            yield _with(node, body=[*_docstring(node), ast.Return(value)])
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))


def cut_otherwise(node: ast.AST, _names: Mapping[str, str]) -> Iterator[ast.AST]:
    """A slice loses its start, its end or its step."""
    if isinstance(node, ast.Slice):
        for bound in ("lower", "upper", "step"):
            if getattr(node, bound) is not None:
                yield _with(node, **{bound: None})


OPERATORS: Mapping[str, Operator] = {
    "condition": negated,
    "comparison": compared_otherwise,
    "and-or": joined_otherwise,
    "number": another_number,
    "boolean": the_other_boolean,
    "name": another_name,
    "arithmetic": calculated_otherwise,
    "removal": removed,
    "argument": other_arguments,
    "member": other_members,
    "return": returned_early,
    "slice": cut_otherwise,
}


def _with(node: Node, **fields: object) -> Node:
    """A copy with other values of these fields."""
    other = deepcopy(node)
    for name, value in fields.items():
        setattr(other, name, deepcopy(value))
    return other


def _docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Sequence[ast.stmt]:
    return function.body[:1] if ast.get_docstring(function) is not None else ()


def _opposite(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return ast.Compare(test.left, [_OPPOSITES[type(test.ops[0])]()], test.comparators)
    return ast.UnaryOp(ast.Not(), test)


def _exchanged(parts: Sequence[ast.expr], nth: int) -> list[ast.expr]:
    return [*parts[:nth], parts[nth + 1], parts[nth], *parts[nth + 2 :]]


def _is_table(node: ast.Tuple) -> bool:
    """Whether all parts are calls, or all are constants: their order rarely matters."""
    return all(isinstance(each, ast.Call) for each in node.elts) or all(
        isinstance(each, ast.Constant) for each in node.elts
    )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
