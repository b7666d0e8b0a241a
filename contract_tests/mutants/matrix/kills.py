"""The summary of the matrix: a row for each fault and profile, over all seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .cell import Cell, Outcome

Found = Sequence[tuple[Cell, Outcome]]


class Fault(Protocol):
    """What the matrix knows of a mutant. `hidden_by` are answers and variants under which it can't be seen."""

    @property
    def id(self) -> str: ...
    @property
    def fault(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def also(self) -> Sequence[str]: ...
    @property
    def severity(self) -> str: ...
    @property
    def needs(self) -> str: ...
    @property
    def hidden_by(self) -> Sequence[str]: ...
    @property
    def profiles(self) -> Sequence[Mapping[str, str]]: ...


class Failure(NamedTuple):
    """A run that proves nothing: the server failed by a mistake of its own, or did not start."""

    fault: str | None
    profile: str
    because: str


@dataclass(frozen=True, slots=True)
class Row:
    """One fault under one profile. It is killed only where every seed kills it."""

    fault: Fault
    profile: str
    outcomes: Sequence[Outcome]
    is_first: bool = True  # of the profiles of the fault

    @property
    def described(self) -> str:
        described = {each.described for each in self.outcomes}
        return described.pop() if len(described) == 1 else " / ".join(sorted(described))

    @property
    def killed(self) -> bool:
        return all(each.killed_by is not None for each in self.outcomes)

    @property
    def checks(self) -> Sequence[str]:
        return sorted({each.killed_by for each in self.outcomes if each.killed_by})

    @property
    def others(self) -> Sequence[str]:
        """Reported rules other than those of the fault."""
        own = set(rules_of(self.fault))
        return sorted({rule for each in self.outcomes for rule in each.wrong if rule not in own})

    @property
    def crashes(self) -> Sequence[str]:
        return sorted({crash for each in self.outcomes for crash in each.crashes})

    @property
    def failures(self) -> Sequence[Failure]:
        described = (each.broken or each.error for each in self.outcomes)
        return [Failure(self.fault.id, self.profile, because) for because in described if because]

    @property
    def is_unlike(self) -> bool:
        """Whether a check of statuses and schemas alone finds it, in the whole run of the first seed."""
        return bool(self.outcomes) and bool(self.outcomes[0].unlike)

    def prices(self, member: str) -> Sequence[float]:
        """The prices of the first seed and the first profile, with which the whole suite runs."""
        return [getattr(each.at, member) for each in self.outcomes[:1] if self.is_first and each.at is not None]


def cells_of(
    faults: Sequence[Fault],
    seeds: Sequence[int],
    *,
    first_profile: bool = False,
    only_those: bool = False,
    until_killed: bool = False,
) -> Sequence[Cell]:
    """The first profile with the first seed as whole runs, for the price and for other reported rules.

    Other profiles, and the first profile with other seeds, run only the tests of the fault's rules, until the kill.
    """
    first, *others = seeds
    whole = [Cell(each.id, dict(each.profiles[0]), first, rules_of(each), only_those, until_killed) for each in faults]
    more = [
        *((each, profile, first) for each in faults for profile in ([] if first_profile else each.profiles[1:])),
        *((each, each.profiles[0], seed) for seed in others for each in faults),
    ]
    quick = [Cell(each.id, dict(profile), seed, rules_of(each), True, True) for each, profile, seed in more]
    return [*whole, *quick]


def rules_of(fault: Fault) -> Sequence[str]:
    """The rules whose violation is a kill."""
    return (fault.rule, *fault.also)


def rows_of(faults: Sequence[Fault], found: Found) -> Sequence[Row]:
    """The rows in the order of the faults and of their profiles."""
    by_cell: dict[tuple[str | None, str], list[Outcome]] = {}
    for cell, outcome in sorted(found, key=lambda each: each[0].seed):
        by_cell.setdefault((cell.mutant, cell.profile), []).append(outcome)
    rows = []
    for fault in faults:
        for (mutant, profile), outcomes in by_cell.items():
            if mutant == fault.id:
                rows.append(Row(fault, profile, outcomes, profile == Cell(None, dict(fault.profiles[0])).profile))
    return rows


def alarms_of(found: Found) -> Found:
    """The runs with a finding against a server without a fault, where that server did not fail itself."""
    return [(cell, each) for cell, each in found if cell.mutant is None and each.described == "by another rule"]


def failures_of(found: Found) -> Sequence[Failure]:
    described = ((cell, outcome.broken or outcome.error) for cell, outcome in found)
    return [Failure(cell.mutant, cell.profile, because) for cell, because in described if because]


def survivors_of(masked: Found) -> Found:
    """The faults that were not found behind a mask."""
    return [(cell, each) for cell, each in masked if each.described in {"survived", "by another rule"}]
