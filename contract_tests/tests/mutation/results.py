"""The results that mutmut left under `mutants/`: beside each mutated file a `.meta` and a `.spans`, both JSON."""

import ast
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path

PACKAGE = Path("src/tracepass_contract")


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    NO_TESTS = "no tests"  # no chosen test calls the function
    NOT_RUN = "not run"


_FATES: Mapping[int | None, Fate] = {  # by the exit code that mutmut keeps
    None: Fate.NOT_RUN,
    0: Fate.SURVIVED,
    1: Fate.KILLED,
    3: Fate.KILLED,  # pytest itself broke
    5: Fate.NO_TESTS,
    33: Fate.NO_TESTS,
    **dict.fromkeys((-24, 24, 36, 152, 255), Fate.TIMEOUT),
}
_CALLED_LIKE = "__mutmut_orig"


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test noticed. `was` and `became` are the lines that it changed."""

    module: str
    line: int
    function: str
    was: str
    became: str


@dataclass(frozen=True, slots=True)
class Module:
    """What became of the mutants of one module."""

    name: str
    fates: Mapping[Fate, int]
    survivors: Sequence[Survivor]


def modules(root: Path) -> Iterator[Module]:
    """Those that have mutants, of the checkout in which mutmut ran."""
    mutants = root / "mutants" / PACKAGE
    for meta in sorted(mutants.rglob("*.py.meta")):
        codes: Mapping[str, int | None] = json.loads(meta.read_bytes())["exit_code_by_key"]
        fates = {mutant.rpartition(".")[2]: _FATES.get(code, Fate.SURVIVED) for mutant, code in codes.items()}
        if fates:
            name = str(meta.relative_to(mutants)).removesuffix(".meta")
            alive = [mutant for mutant, fate in fates.items() if fate in (Fate.SURVIVED, Fate.NO_TESTS)]
            yield Module(name, Counter(fates.values()), list(_survivors(root, name, alive)))


def _survivors(root: Path, module: str, mutants: Sequence[str]) -> Iterator[Survivor]:
    mutated = root / "mutants" / PACKAGE / module
    lines = mutated.read_text().splitlines()
    spans: Mapping[str, tuple[int, int]] = json.loads(mutated.with_suffix(".py.spans").read_bytes())["spans"]
    starts = dict(_starts((root / PACKAGE / module).read_text()))
    for mutant in mutants:
        called = mutant.partition("__mutmut_")[0]
        function = called.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
        first, last = spans[called + _CALLED_LIKE]
        whole = [line.replace(called + _CALLED_LIKE, function) for line in lines[first - 1 : last]]
        first, last = spans[mutant]
        changed = [line.replace(mutant, function) for line in lines[first - 1 : last]]
        opcodes = [
            opcode
            for opcode in SequenceMatcher(None, whole, changed, autojunk=False).get_opcodes()
            if opcode[0] != "equal"
        ]
        was = _joined(whole[opcodes[0][1] : opcodes[-1][2]])
        became = _joined(changed[opcodes[0][3] : opcodes[-1][4]])
        head = next(number for number, line in enumerate(whole) if line.lstrip().startswith("def "))
        yield Survivor(module, starts[function] + opcodes[0][1] - head, function, was, became)


def _starts(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.ClassDef):
            yield from (
                (f"{node.name}.{each.name}", each.lineno) for each in node.body if isinstance(each, ast.FunctionDef)
            )


def _joined(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines)
