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
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

_SAYS = frozenset({"violates"})
_OUTCOMES = frozenset({"Finding", "Breach"})
_QUICKLY = ("-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider")  # nobody reads how a test failed


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


class _Trials:
    """Runs the collected tests once, and then once for each mutant, until one fails: each time in a child, so that
    nothing of it stays. The test that noticed the last mutant comes first.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = modules
        self.count = 0
        self.survivors: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        tests = list(session.items)
        for test in tests:
            _run_one(test)
        if session.testsfailed:
            raise session.Failed("the tests fail without a mutant")
        mutants = [each for name in self._modules for each in mutants_of(importlib.import_module(name))]
        gc.freeze()  # what is there by now, no child has to look through
        for mutant in mutants:
            noticed_by = _noticed_by(mutant, session, tests)
            if noticed_by is None:
                self.survivors.append(mutant.described)
            else:
                tests.insert(0, tests.pop(noticed_by))
        self.count = len(mutants)
        return True


def _noticed_by(mutant: Mutant, session: pytest.Session, tests: Sequence[pytest.Item]) -> int | None:
    """The number of the first test that fails with the mutant."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        mutant.function.__code__ = mutant.code
        for number, test in enumerate(tests):
            with contextlib.suppress(BaseException):
                _run_one(test)
            if session.testsfailed:
                os.write(write_end, str(number).encode())
                break
        os._exit(0)
    os.close(write_end)
    number_text = os.read(read_end, 20)
    os.close(read_end)
    _, status = os.waitpid(child, 0)
    if status:
        return 0  # it broke the child
    return int(number_text) if number_text else None


def _run_one(test: pytest.Item) -> None:
    test.config.hook.pytest_runtest_protocol(item=test, nextitem=None)


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
    trials = _Trials(arguments[:split])
    with _silence():
        failed = pytest.main([*arguments[split + 1 :], *_QUICKLY], plugins=[trials])
    if failed:
        print("the tests fail without a mutant")
        return 2
    print(f"{trials.count} mutants", *trials.survivors, sep="\n")
    return 1 if trials.survivors else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
