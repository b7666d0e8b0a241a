"""The checks are mutated, too: `python -m …contract_tests.tests.helpers.mutated_checks MODULE… -- TEST…`.

A mutant leaves out one thing that a check says (`raise`, `notes.violates(…)`, a finding that is yielded), or turns the
condition around under which it says so. The tests are then run in a child of this process; if all of them pass, nobody
would have noticed, and the mutant is printed. Tools for mutation testing have many more kinds of mutants; these are the
ones of which none may survive, and they are tried in every run of the tests.
"""

import ast
import contextlib
import gc
import importlib
import inspect
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

_SAYS = frozenset({"violates"})
_OUTCOMES = frozenset({"Finding", "Breach"})
_QUICKLY = ("-x", "-q", "--failed-first", "-W", "ignore::pytest.PytestAssertRewriteWarning")


@dataclass(frozen=True, slots=True)
class Mutant:
    """`told` is what was changed, and where; `code` takes the place of that of `function`."""

    described: str
    function: FunctionType
    code: CodeType


def mutants_of(module: ModuleType) -> Iterator[Mutant]:
    """Two for each thing that the checks of the module say: left out, and turned around."""
    source = inspect.getsource(module)
    for nth, statement in enumerate(_sayings(ast.parse(source))):
        for turned in (False, True):
            tree = ast.parse(source)
            original = list(_sayings(tree))[nth]
            path = _path_to(tree, original)
            change = "turned around" if turned else "left out"
            if turned and not _turn(path):
                continue
            if not turned:
                _leave_out(path[-2], original)
            function, code = _compiled(module, ast.fix_missing_locations(tree), path)
            yield Mutant(f"{module.__name__.rpartition('.')[2]}:{statement.lineno} {change}", function, code)


def _sayings(tree: ast.AST) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.stmt) and _says(node))


def _says(node: ast.stmt) -> bool:
    match node:
        case ast.Raise(exc=ast.Call()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name in _SAYS
        case ast.Expr(value=ast.Yield(value=ast.Call(func=ast.Name(id=name)))):
            return name in _OUTCOMES
        case _:
            return False


def _path_to(node: ast.AST, wanted: ast.AST) -> list[ast.AST]:
    """From the module down to the node itself."""
    if node is wanted:
        return [node]
    for child in ast.iter_child_nodes(node):
        if below := _path_to(child, wanted):
            return [node, *below]
    return []


def _turn(path: Sequence[ast.AST]) -> bool:
    """Negate the condition that stands next above, within the function; False where there is none."""
    for node in reversed(path):
        if isinstance(node, ast.FunctionDef):
            return False
        if isinstance(node, ast.If):
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return True
    return False


def _leave_out(parent: ast.AST, statement: ast.stmt) -> None:
    """In its place stands what does nothing, and leaves a generator a generator."""
    nothing: ast.stmt = ast.Pass()
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield):
        nothing = ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            block[block.index(statement)] = nothing
            return
    raise LookupError(f"line {statement.lineno} is in no block")


def _compiled(module: ModuleType, tree: ast.Module, path: Sequence[ast.AST]) -> tuple[FunctionType, CodeType]:
    """The function that the mutant is in, as it is in force, and its new code."""
    names = [node.name for node in path if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    target: Any = module
    code = compile(tree, module.__file__ or "", "exec")
    for name in names:
        target = target.__dict__[name]
        code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
    function = inspect.unwrap(getattr(target, "fget", None) or getattr(target, "__func__", target))
    assert isinstance(function, FunctionType)
    return function, code


def survives(mutant: Mutant, tests: Sequence[str]) -> bool:
    """Whether all tests pass with it. They run in a child, so that nothing of it stays; those that noticed an earlier
    mutant come first.
    """
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException), _silence():
            mutant.function.__code__ = mutant.code
            code = int(pytest.main([*tests, *_QUICKLY]))
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield


def main(arguments: Sequence[str]) -> int:
    """Print how many there are, and each that survives. Exits with 1 where one does."""
    split = arguments.index("--")
    with TemporaryDirectory() as remembered:
        return _tried(arguments[:split], [*arguments[split + 1 :], "-o", f"cache_dir={remembered}"])


def _tried(names: Sequence[str], tests: Sequence[str]) -> int:
    with _silence():
        fails = pytest.main([*tests, *_QUICKLY])  # here, so that all is imported that each child would have to
    if fails:
        print("the tests fail without a mutant")
        return 2
    mutants = [each for name in names for each in mutants_of(importlib.import_module(name))]
    gc.freeze()  # what is there by now, no child has to look through
    survivors = [mutant.described for mutant in mutants if survives(mutant, tests)]
    print(f"{len(mutants)} mutants", *survivors, sep="\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
