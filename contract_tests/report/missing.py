"""What would make an untested rule testable, in words."""

from collections.abc import Iterable, Iterator, Sequence

from tracepass_contract.spec import rules

from ..model.capabilities import WORDS, lacked
from ..model.verdicts import RunResult, Verdict


def lacking(result: RunResult, rule: str) -> Sequence[str]:
    """What an untested rule needs: what its checks name, else the capabilities that the run lacks."""
    if result.verdict_of(rule) is not Verdict.UNTESTED:
        return []
    named = [f.missing for f in result.findings if f.rule == rule and f.verdict is Verdict.UNTESTED and f.missing]
    known = rules().get(rule)
    needs = [code for code in known.needs if code not in result.capabilities] if known else []
    return list(dict.fromkeys([*_spelled_out(named)] or map(lacked, needs)))


def _spelled_out(named: Iterable[str]) -> Iterator[str]:
    """Codes one by one, in words. Another text stays as it is, without its code."""
    for text in named:
        codes = [_codes_in(part) for part in text.split("; ")]
        if all(codes):
            yield from (lacked(code) for some in codes for code in some)
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
