"""The result of black-box mutation as a page: docs/mock-mutation.md."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .mutations import Mutation
from .places import Area
from .survivors import Class, Reason, reason_of
from .trial import Fate, Trial

_HEAD = """# Black-box mutation

`make mutate-mock` changes the mock mechanically, one place at a time, serves each mutant, and lets the suite judge it
over HTTP and nothing else. The mock's check of its own answers is off. The mock runs under the default readings; code
for other readings, for the control plane and for the journal is not changed. Where a change in shared code breaks the
control plane, too, the suite judges the mutant in a workspace that the mock starts with.

A mutant is **killed** when a rule is violated and the exit code is 1. It **sank** when the exit code is another, but a
rule has a worse verdict than with the mock as it is: a warning, inconclusive, untested or partly tested. Else it
**survived**. A reviewed file, `contract_tests/mutants/black_box/survivors.yaml`, says why. Without an entry, a survivor
counts as missed."""

_MEANINGS = {
    Class.EQUIVALENT: "no client can see the change",
    Class.LEGAL: "the API allows the changed answer, often as another answer to a reading",
    Class.NO_RULE: "a client can see the change, and no rule speaks of it",
    Class.MISSED: "a rule speaks of it, and the suite did not notice; also every survivor that is not classified",
    Class.SANK: "a rule has a worse verdict, and the exit code is not 1",
}


@dataclass(frozen=True)
class Result:
    """A mutant with its trial and the class of a survivor."""

    mutation: Mutation
    trial: Trial
    reason: Reason | None  # None for a mutant that was killed or did not start

    @property
    def is_new(self) -> bool:
        return self.reason is not None and self.reason.why == "not classified"


@dataclass(frozen=True)
class Score:
    """The numbers of some mutants."""

    counts: Mapping[Fate | Class, int]

    @property
    def of_rules(self) -> float | None:
        """Killed among the mutants that a rule clearly speaks of."""
        return self._share(Class.SANK, Class.MISSED)

    @property
    def of_all_visible(self) -> float | None:
        """The same, with the mutants that no rule speaks of."""
        return self._share(Class.SANK, Class.MISSED, Class.NO_RULE)

    def _share(self, *others: Class) -> float | None:
        killed = self.counts.get(Fate.KILLED, 0)
        whole = killed + sum(self.counts.get(each, 0) for each in others)
        return killed / whole if whole else None


def result_of(mutation: Mutation, trial: Trial, known: Mapping[str, Reason]) -> Result:
    is_left = trial.fate in {Fate.SURVIVED, Fate.SANK}
    return Result(mutation, trial, reason_of(mutation, trial, known) if is_left else None)


def score_of(results: Iterable[Result]) -> Score:
    counts: dict[Fate | Class, int] = {}
    for each in results:
        kind = each.trial.fate if each.reason is None else each.reason.of
        counts[kind] = counts.get(kind, 0) + 1
    return Score(counts)


def summary(results: Sequence[Result]) -> str:
    """The table of scores, and what the suite lacks to kill those that it missed."""
    rows = {
        "batch": {Area.BATCH},
        "shared by all operations": {Area.SHARED},
        "batch and shared": {Area.BATCH, Area.SHARED},
        "related operations": {Area.RELATED},
        "all": set(Area),
    }
    kinds: Sequence[Fate | Class] = [Fate.KILLED, *reversed(Class), Fate.NO_START]
    lines = [
        "| code | mutants | " + " | ".join(kinds) + " | score | with *no rule* |",
        "|---" + "|---:" * (len(kinds) + 3) + "|",
    ]
    for name, areas in rows.items():
        chosen = [each for each in results if each.mutation.area in areas]
        score = score_of(chosen)
        cells = [str(len(chosen)), *(str(score.counts.get(kind, "")) for kind in kinds)]
        lines.append(f"| {' | '.join([name, *cells, _percent(score.of_rules), _percent(score.of_all_visible)])} |")
    missed = [each.trial.is_seen for each in results if each.reason is not None and each.reason.of is Class.MISSED]
    lines += ["", f"Missed: {missed.count(False)} that no call shows, {missed.count(True)} that change an answer."]
    return "\n".join(lines)


def as_page(results: Sequence[Result], population: int, seed: int, skipped: int = 0) -> str:
    drawn = f"all {population:,}" if len(results) == population else f"{len(results):,} of {population:,}, seed {seed}"
    drawn += f", numbers {skipped + 1} to {skipped + len(results)} of the sample" if skipped else ""
    scores = (
        f"Mutants: {drawn}. The score is killed / (killed + sank + missed). The last column also counts mutants that no"
        f" rule speaks of as not killed. Mutants that do not start, or answer even an empty batch with a server error,"
        f" count for nothing.\n\n{summary(results)}"
    )
    meanings = "\n".join(f"- **{each}**: {meaning}." for each, meaning in _MEANINGS.items())
    meanings += (
        "\n\nThe column *answers* says whether an answer of the run differed from those of the mock as it is. Where all"
        " are the same, no call of the suite shows the change. Else no check looks at what differs."
    )
    parts = [_HEAD, "## Scores\n\n" + scores, "## Classes\n\n" + meanings]
    parts += [part for of in reversed(Class) if (part := _survivors(of, results))]
    return "\n\n".join(parts) + "\n"


def _survivors(of: Class, results: Sequence[Result]) -> str:
    chosen = [(each, each.reason) for each in results if each.reason is not None and each.reason.of is of]
    if not chosen:
        return ""
    rows = ["| mutant | change | answers | why |", "|---|---|---|---|"]
    for each, reason in sorted(chosen, key=lambda pair: pair[0].mutation.id):
        why = reason.why if of is not Class.SANK or not each.trial.by else f"{reason.why} ({each.trial.by[0]})"
        change = f"`{each.mutation.was}` → `{each.mutation.became}`"
        cells = [f"`{each.mutation.id}`", change, _answers(each.trial), why]
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return f"## {str(of).capitalize()}\n\n" + "\n".join(rows)


def _answers(trial: Trial) -> str:
    if not trial.seen_by:
        return "the same"
    more = f" and {len(trial.seen_by) - 1} more" if len(trial.seen_by) > 1 else ""
    return f"differ in `{trial.seen_by[0]}`{more}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
