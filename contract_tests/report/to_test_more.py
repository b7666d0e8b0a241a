"""What a run needs to test more: the needs of all rules, merged, and those that help most rules first."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracepass_contract.spec import rules

from ..model.capabilities import ADDED_BY, LAST_WRITES, MORE_SLOTS, WORDS
from ..model.verdicts import Finding, Role, RunResult, Verdict
from .conclusion import rules_of

_GAPS = frozenset({Verdict.UNTESTED, Verdict.PARTLY_TESTED})
_OPTION = re.compile(r"`(--[a-z-]+) (\d+)`")
_OF_A_LIMIT = re.compile(r"\d+ (?:free )?(?P<limit>writes of today|passports)|writes; too few")
_NEXT, _FAR = "higher limits", "much higher limits"
NOT_SERVED = "; the run looked for it, and the deployment does not serve it"
_TIMES_THE_NEXT = 4  # what needs more of a limit than so many times the least is far


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that lets a run test more. `add` is the line to add: an option, or lines of the deployment file; empty
    where nobody can give it to this deployment. `rules` are tested more with it alone, `with_others` only with another
    need in addition.
    """

    means: str
    add: str
    rules: Sequence[str]
    with_others: Sequence[str]

    @property
    def must(self) -> int:
        return sum(rule in rules() and rules()[rule].level == "must" for rule in self.rules)

    @property
    def gain(self) -> str:
        """How many rules it helps, in words."""
        alone, more = len(self.rules), len(self.with_others)
        is_all = self.must == alone
        must = f", {self.must} of them must" if self.must and not is_all else ""
        counted = f"{alone} {'must-' if is_all else ''}rule{'' if alone == 1 else 's'}{must}" if alone else ""
        others = f"{more} {'more ' if alone else ''}together with another line" if more else ""
        return "; ".join(filter(None, [counted, others]))


def to_test_more(result: RunResult) -> Sequence[Need]:
    """The needs of the rules that are untested or partly tested, by gain; those that nobody can give come last."""
    alone: dict[str, dict[str, None]] = {}
    others: dict[str, dict[str, None]] = {}
    ceilings: dict[str, dict[str, int]] = {}
    nearest = nearest_limits(result)
    for rule, needs in _needs_of_checks(result, nearest):
        for need in needs:
            (alone if len(needs) == 1 else others).setdefault(need, {})[rule] = None
    for each in _decisive(result):
        of_need = ceilings.setdefault(_step(each.missing, nearest), {})
        for option, number in _OPTION.findall(each.missing):
            of_need[option] = max(of_need.get(option, 0), int(number))
    found = [
        Need(
            f"{_meaning(need)}{NOT_SERVED if need in result.absent else ''}",
            " ".join(f"{option} {most}" for option, most in ceilings.get(need, {}).items()) or _added_by(need, result),
            [*alone.get(need, ())],
            [rule for rule in others.get(need, ()) if rule not in alone.get(need, ())],
        )
        for need in {**alone, **others}
    ]
    return sorted(found, key=lambda each: (not each.add, -each.must, -len(each.rules), -len(each.with_others)))


def _added_by(need: str, result: RunResult) -> str:
    """The lines that give it; none for what the run looked for in vain."""
    return "" if need in result.absent else ADDED_BY.get(need, "")


def in_short(missing: Iterable[str], result: RunResult, nearest: Mapping[str, int]) -> str:
    """Needs in a few words, for a table: the keys and options that give them."""
    needs = dict.fromkeys(need for text in missing for need in _missing_now(text, result, nearest))
    if _NEXT in needs:
        needs.pop(_FAR, None)
    return ", ".join(dict.fromkeys(_SHORT.get(need, need) for need in needs))


_IN_WORDS = {
    "P": "a control plane",
    "L": "GET /passports",
    "T": "the hook set_clock",
    LAST_WRITES: "the hook set_budget",
    MORE_SLOTS: "the hook set_quota",
}
_SHORT = {code: added.partition(" = ")[0].partition("\n")[0] for code, added in ADDED_BY.items()} | _IN_WORDS


def _decisive(result: RunResult) -> Iterator[Finding]:
    """The findings of checks that did not run, of those that decide the verdict on their rule."""
    verdicts = {rule.id: result.verdict_of(rule.id) for rule in rules_of(result)}
    for each in result.findings:
        decides = each.role in {Role.DECIDES, Role.JUDGES} and each.verdict is Verdict.UNTESTED
        if decides and verdicts.get(each.rule) in _GAPS:
            yield each


def _needs_of_checks(result: RunResult, nearest: Mapping[str, int]) -> Iterator[tuple[str, frozenset[str]]]:
    """For each check that did not run, its rule and what it needs. A rule without such a check has needs of its own."""
    said: set[str] = set()
    for each in _decisive(result):
        if needs := frozenset(_missing_now(each.missing, result, nearest)):
            said.add(each.rule)
            yield each.rule, needs
    for rule in rules_of(result):
        needs = frozenset(need for need in rule.needs if need not in result.capabilities)
        if result.verdict_of(rule.id) in _GAPS and rule.id not in said and needs:
            yield rule.id, needs


def _missing_now(missing: str, result: RunResult, nearest: Mapping[str, int]) -> Iterator[str]:
    """The needs; a capability that the run had is named by its text: it needs more of it."""
    if step := _step(missing, nearest):
        yield step
        return
    for need in _parsed(missing):
        yield _without_numbers(missing.partition(": ")[2] or missing) if need in result.capabilities else need


def _without_numbers(text: str) -> str:
    """What is lacking of a limit is one need, however much it is."""
    found = _OF_A_LIMIT.match(text)
    return text if found is None else MORE_SLOTS if found["limit"] == "passports" else LAST_WRITES


def _parsed(missing: str) -> Iterator[str]:
    """The codes of capabilities in a text, each once; the text itself where it has none."""
    if not missing:
        return
    parts = [part.partition(": ")[0].replace(",", " ").split() for part in missing.split("; ")]
    codes = [code for part in parts for code in part if code in WORDS]
    if codes and all(code in WORDS for code in parts[0]):
        yield from dict.fromkeys(codes)
    else:
        yield missing


def _meaning(need: str) -> str:
    if need in {_NEXT, _FAR}:
        return f"{need} of the run, for {'checks with many values' if need == _FAR else 'larger batches'}"
    return WORDS.get(need, need)


def nearest_limits(result: RunResult) -> Mapping[str, int]:
    """By option the least value with which one more check runs."""
    found: dict[str, int] = {}
    for each in _decisive(result):
        for option, number in _OPTION.findall(each.missing):
            found[option] = min(found.get(option, int(number)), int(number))
    return found


def _step(missing: str, nearest: Mapping[str, int]) -> str:
    """Whether ceilings are near or far; empty where none are named."""
    named = _OPTION.findall(missing)
    is_far = any(int(number) > _TIMES_THE_NEXT * nearest.get(option, 0) for option, number in named)
    return (_FAR if is_far else _NEXT) if named else ""
