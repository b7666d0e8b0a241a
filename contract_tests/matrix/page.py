"""The matrix as a page."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tracepass_contract.contract_tests.matrix.cell import Outcome
from tracepass_contract.contract_tests.matrix.climb import Climb, Rung
from tracepass_contract.contract_tests.matrix.conforming import Skipped
from tracepass_contract.contract_tests.matrix.kills import (
    Found,
    Row,
    alarms_of,
    middle_and_most,
    survivors_of,
)
from tracepass_contract.contract_tests.matrix.levels import SMALL
from tracepass_contract.contract_tests.matrix.proof import PRICES, Proof
from tracepass_contract.contract_tests.matrix.stock import EXAMPLES
from tracepass_contract.spec.files import read_yaml

_COLUMNS = (
    *("fault", "severity", "what is wrong", "rule", "profile", "outcome", "killed by"),
    *PRICES,
    *("also named", "schema and status", "stock Schemathesis"),
)


def as_page(proof: Proof) -> str:
    parts = [
        _head(proof),
        _prices(proof.rows),
        _survivors(proof.rows),
        _alarms(proof.variants),
        _masked(proof.masked, proof.skipped),
        *([_levels(proof.climb), _baselines(proof, proof.climb)] if proof.climb is not None else []),
        _fault_by_fault(proof),
        _not_seeded(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(proof: Proof) -> str:
    rows, seeds = proof.rows, len(proof.seeds)
    severities = ", ".join(
        f"{_killed_of(rows, letter)} of severity {letter}" for letter in "MDN" if _of_severity(rows, letter)
    )
    alarms = len(alarms_of(proof.variants))
    conforming = f" In {len(proof.variants)} runs against servers that conform it raised {alarms} alarms."
    return (
        "# The kill matrix\n\n"
        "Which wrong servers the directed tests find. Written by `make matrix` (`tracepass-check mutants`).\n\n"
        "A fault is *killed* when a check names the rule that it breaks, or one that its mutant declares beside it,\n"
        "under every profile and, under the first of them, with every seed. A profile is the readings that the\n"
        "server runs with. Severity M breaks a sentence of the batch page, D the documentation of a sibling, N a\n"
        "general norm.\n\n"
        f"**{_killed_of(rows)} faults are killed** ({severities}),\n"
        f"in {len(rows)} combinations of fault and profile, and with {seeds} seed{'s' * (seeds > 1)}."
        f"{conforming if proof.variants else ''}"
        f"{f' The runs took {proof.minutes:.0f} minutes.' if proof.minutes else ''}"
        f"{f' State of the code: `{proof.code}`.' if proof.code else ''}"
    )


def _of_severity(rows: Sequence[Row], letter: str) -> set[str]:
    return {row.fault.id for row in rows if row.fault.severity == letter}


def _killed_of(rows: Sequence[Row], letter: str | None = None) -> str:
    every = {row.fault.id for row in rows} if letter is None else _of_severity(rows, letter)
    lost = {row.fault.id for row in rows if not row.killed}
    return f"{len(every - lost)} of {len(every)}"


def _prices(rows: Sequence[Row]) -> str:
    lines = [
        "What the whole suite had taken by the end of the test that killed, with the first seed. (With the other",
        "seeds, only the tests of the rules in question were made.)\n",
    ]
    prices = [(member, [price for row in rows for price in row.prices(member)]) for member in PRICES]
    found = [(member, *both) for member, values in prices if (both := middle_and_most(values))]
    return "\n".join([*lines, *_table(("", "median", "maximum"), found)]) if found else ""


def _survivors(rows: Sequence[Row]) -> str:
    lost = [row for row in rows if not row.killed]
    if not lost:
        return ""
    lines = [
        f"- **{row.fault.id}** under `{row.profile}`: {row.told}. {row.fault.fault}"
        + (f" Named instead: {', '.join(row.others)}." if row.others else "")
        for row in lost
    ]
    return "\n".join(["## Not killed\n", *lines])


def _alarms(variants: Found) -> str:
    lines = [f"- `{cell.profile}`: {'; '.join(_in_short(each))}" for cell, each in alarms_of(variants)]
    return "\n".join(["## False alarms\n", *lines]) if lines else ""


def _in_short(outcome: Outcome) -> Iterable[str]:
    """What was found, without the calls behind it, which are lines of a shell."""
    told = filter(None, (*outcome.wrong.values(), *outcome.crashes, outcome.error))
    return (each.partition("\n")[0] for each in told)


def _masked(masked: Found, skipped: Sequence[Skipped]) -> str:
    if not masked:
        return ""
    lost = survivors_of(masked)
    told = (
        "## Beneath what conforms\n\n"
        "Each fault again, on servers that differ from the default by chance in all that may differ:\n"
        f"{len(masked) - len(lost)} of {len(masked)} runs killed it.\n"
    )
    lines = [
        f"- **{cell.mutant}**: {each.told}{', '.join(('', *each.wrong))}, under `{cell.profile}`" for cell, each in lost
    ]
    lines += [f"- **{fault}** was not tried: {because}." for fault, because in skipped]
    return "\n".join([told, *lines]).rstrip()


def _levels(climb: Climb) -> str:
    total, rows = 0, []
    for rung in climb.rungs:
        total += len(rung.killed)
        rows.append((rung.level, len(rung.killed), total, *_to_the_kill(rung), *_whole(rung)))
    small = climb.small
    rows.append((SMALL, len(small.killed), len(small.killed), *_to_the_kill(small), *_whole(small)))
    head = ("given", "kills first", "in all", "requests to the kill", "most", *(f"{each} of a run" for each in PRICES))
    return "\n".join(
        [
            "## By what is known of the deployment\n",
            "Each level has what those above it have, and more; a fault that one kills is not tried at the next.\n"
            "The last line stands by itself: every fault, on the smallest plan, with read-back. The right-hand\n"
            "figures are of a run there against the mock without a fault.\n",
            *_table(head, rows),
        ]
    )


def _to_the_kill(rung: Rung) -> tuple[float, float] | tuple[str, str]:
    return middle_and_most([price.requests for price in rung.prices]) or ("-", "-")


def _whole(rung: Rung) -> Iterable[float | str]:
    whole = rung.right.whole
    return [getattr(whole, member) for member in PRICES] if whole is not None else ["-"] * len(PRICES)


def _baselines(proof: Proof, climb: Climb) -> str:
    faults = {row.fault.id for row in proof.rows}
    unlike = {row.fault.id for row in proof.rows if row.is_unlike and row.profile == proof.first_profile(row.fault)}
    stock, alarms = set(climb.stock.killed), len(climb.stock.right.wrong)
    right = climb.rungs[-1].right  # of the mock without a fault, given everything
    otherwise = int(bool(right.unlike))
    rows = [
        ("this suite, attributed", _killed_of(proof.rows), len(right.wrong)),
        ("the answers of its runs, by schema and status only", f"{len(unlike)} of {len(faults)}", otherwise),
        ("stock Schemathesis, all checks and phases", f"{len(stock & faults)} of {len(faults)}", alarms),
    ]
    return "\n".join(
        [
            "## Beside it\n",
            "The same wrong servers under the first of their profiles. What names no rule is counted where it says\n"
            "anything that it does not say of the mock without a fault; what it says of that one are its false\n"
            "alarms. Schemathesis is given the batch and the operations of a passport,\n"
            f"{EXAMPLES} examples for each.\n",
            *_table(("", "found", "false alarms"), rows),
        ]
    )


def _fault_by_fault(proof: Proof) -> str:
    stock = set(proof.climb.stock.killed) if proof.climb is not None else set()
    rows = []
    for row in proof.rows:
        fault, prices = row.fault, [_most(row.prices(member)) for member in PRICES]
        told = (fault.id, fault.severity, fault.fault, fault.rule, row.profile, row.told, "<br>".join(row.checks))
        is_first = row.profile == proof.first_profile(fault)
        beside = ("found" if row.is_unlike else "", "found" if is_first and fault.id in stock else "")
        rows.append((*told, *prices, ", ".join(row.others), *beside))
    return "\n".join(["## Fault by fault\n", *_table(_COLUMNS, rows)])


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Sequence[str]:
    lines = [[*head], ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _not_seeded() -> str:
    kinds = {
        "needs": "not to be seen without",
        "reading": "no fault, but an answer of",
    }
    rows = [
        (each["id"], each["fault"], f"{words} {each[kind]}")
        for each in read_yaml(Path(__file__).with_name("not_seeded.yaml"))
        for kind, words in kinds.items()
        if kind in each
    ]
    return "\n".join(["## Faults that no server here has\n", *_table(("fault", "what is wrong", "why"), rows)])


def _most(values: Sequence[float]) -> str:
    return f"{max(values):.0f}" if values else "-"
