"""The results as a page."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from tracepass_contract.contract_tests.tests.mutation.results import Fate, Module, Survivor

_CONTEXT = 24  # characters beside a change
_HEAD = """# Mutation testing

`make mutate` lets [mutmut](https://mutmut.readthedocs.io) change one thing at a time in
`contract_tests/judging/oracle` and in `mockserver/semantics`, and runs the tests that call the changed function. A
mutant that no test notices *survives*. You can interrupt the run; the next one continues where it stopped.
`pyproject.toml` has the settings and the list of tests: those that are quick and run in one process. Tests that start
processes or an app, or that generate random histories (`test_properties.py`, the wrong servers), are left out. They
would notice more.

Some code is not mutated:

- texts, because no test checks how a sentence is worded,
- tables at the top of a module,
- functions with a decorator other than `staticmethod` and `classmethod`, such as properties: mutmut cannot change them,
- in the semantics, the modules of the related endpoints, because their tests need an app.

In addition, each run of the tests mutates what the checks report (`tests/helpers/mutated_checks.py`); nothing may
survive there. If the run was interrupted, *not run* counts the mutants that it did not reach.

The page lists each survivor with its reason, from `contract_tests/tests/mutation/explained.yaml`. `make mutate` fails
if a survivor has no reason, or if a whole run finds no survivor for a reason."""


def as_page(modules: Sequence[Module], reasons: Mapping[str, str], whys: Mapping[Survivor, str]) -> str:
    return "\n\n".join([_HEAD, _table(modules), _reasons(reasons, whys), _survivors(whys)]) + "\n"


def _table(modules: Sequence[Module]) -> str:
    rows = ["| module | mutants | " + " | ".join(Fate) + " |", "|---" + "|---:" * (len(Fate) + 1) + "|"]
    for module in modules:
        rows.append(_row(f"`{module.name}`", [module.fates.get(fate, 0) for fate in Fate]))
    rows.append(_row("all", [sum(module.fates.get(fate, 0) for module in modules) for fate in Fate]))
    return "## Modules\n\n" + "\n".join(rows)


def _row(name: str, counts: Sequence[int]) -> str:
    return f"| {name} | {sum(counts)} | " + " | ".join(str(count or "") for count in counts) + " |"


def _reasons(reasons: Mapping[str, str], whys: Mapping[Survivor, str]) -> str:
    rows = ["| reason | survivors | what it means |", "|---|---:|---|"]
    for name, meaning in reasons.items():
        count = sum(why.partition(":")[0] == name for why in whys.values())
        rows.append(f"| {name} | {count} | {meaning} |")
    return "## Why mutants survive\n\n" + "\n".join(rows)


def _survivors(whys: Mapping[Survivor, str]) -> str:
    rows = ["| where | function | change | why it stays |", "|---|---|---|---|"]
    for each, why in whys.items():
        was, became = _shortened(each.was, each.became)
        change = f"`{was}` → `{became}`".replace("|", "\\|")
        rows.append(f"| `{each.module}:{each.line}` | `{each.function}` | {change} | {why} |")
    return "## Survivors\n\n" + "\n".join(rows)


def _shortened(was: str, became: str) -> tuple[str, str]:
    """Both with as much beside the change as it takes to recognise it."""
    before = _alike(was, became)
    after = min(_alike(was[::-1], became[::-1]), min(len(was), len(became)) - before)
    start, end = max(before - _CONTEXT, 0), max(after - _CONTEXT, 0)
    first, last = "…" * (start > 0), "…" * (end > 0)
    return first + was[start : len(was) - end] + last, first + became[start : len(became) - end] + last


def _alike(one: str, other: str) -> int:
    """How many characters they begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
