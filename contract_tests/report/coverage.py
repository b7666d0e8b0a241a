"""How many checks of a rule ran, and what the others need, in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracepass_contract.spec import rules

from ..model.capabilities import WORDS, lacked
from ..model.verdicts import Finding, Role, RunResult, Verdict

_RAN = frozenset({Verdict.CONFORMS, Verdict.VIOLATES})
_WITHOUT_RESULT = frozenset({Verdict.INCONCLUSIVE, Verdict.SUITE_ERROR})


@dataclass(frozen=True, slots=True)
class Lack:
    """What a number of checks need."""

    checks: int
    needs: Sequence[str]

    @property
    def in_words(self) -> str:
        return f"{self.checks} need{'s' if self.checks == 1 else ''} {', '.join(self.needs)}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The checks of a rule. A check ran where it came to a result.

    A check that is not applicable does not count, and neither do the judges of all calls.
    """

    ran: int = 0
    of: int = 0
    decisive_ran: int = 0
    decisive_of: int = 0
    without_result: int = 0
    lacks: Sequence[Lack] = ()

    @property
    def in_short(self) -> str:
        return f"{self.ran} of {self.of} check{'' if self.of == 1 else 's'}" if self.of else "no checks"

    @property
    def remark(self) -> str:
        """Why the others did not run; empty where all ran."""
        failed = f"{self.without_result} had no result" if self.without_result else ""
        return "; ".join(filter(None, [*(lack.in_words for lack in self.lacks), failed]))

    @property
    def in_words(self) -> str:
        return "; ".join(filter(None, [self.in_short, self.remark]))


def coverage_of(findings: Iterable[Finding]) -> Coverage:
    """The coverage of the rule that has these findings."""
    found: dict[str, Finding] = {}
    for each in findings:
        known = found.get(each.check)
        if each.role is not Role.JUDGES and (known is None or each.verdict.badness < known.verdict.badness):
            found[each.check] = each
    checks = [each for each in found.values() if each.verdict is not Verdict.NOT_APPLICABLE]
    ran = [each for each in checks if each.verdict in _RAN]
    unclear = [each for each in checks if each.verdict in _WITHOUT_RESULT]
    untested = [each for each in checks if each.verdict is Verdict.UNTESTED and each.missing]
    lacks = Counter(tuple(dict.fromkeys(_spelled_out([each.missing]))) for each in untested)
    return Coverage(
        ran=len(ran),
        of=len(checks),
        decisive_ran=sum(each.role is Role.DECIDES for each in ran),
        decisive_of=sum(each.role is Role.DECIDES for each in checks),
        without_result=len(unclear),
        lacks=[Lack(count, needs) for needs, count in lacks.items()],
    )


def lacking(result: RunResult, rule: str) -> Sequence[str]:
    """What a rule needs that is untested or partly tested: what its checks name, else the capabilities that the run
    lacks.
    """
    if result.verdict_of(rule) not in {Verdict.UNTESTED, Verdict.PARTLY_TESTED}:
        return []
    findings = [each for each in result.findings if each.rule == rule and each.verdict is Verdict.UNTESTED]
    if result.verdict_of(rule) is Verdict.PARTLY_TESTED:
        findings = [each for each in findings if each.role is Role.DECIDES]
    named = [each.missing for each in findings if each.missing]
    known = rules().get(rule)
    needs = [code for code in known.needs if code not in result.capabilities] if known else []
    return list(dict.fromkeys([*_spelled_out(named)] or map(lacked, needs)))


def _spelled_out(named: Iterable[str]) -> Iterator[str]:
    """Codes one by one, in words. Another text stays as it is, without its code."""
    for text in filter(None, named):
        codes = [_codes_in(part) for part in text.split("; ")]
        if all(codes):
            yield from (lacked(code) for some in codes for code in some)
        elif text.startswith("`--"):  # several options
            yield from text.split("; ")
        else:
            code, _, words = text.partition(": ")
            yield words if code in WORDS else text


def _codes_in(part: str) -> Sequence[str]:
    """The codes of a part that has only codes: a list of codes, or one code with its words."""
    code, _, words = part.partition(": ")
    if words:
        return [code] if words == lacked(code) else []
    codes = part.replace(",", " ").split()
    return codes if all(code in WORDS for code in codes) else []
