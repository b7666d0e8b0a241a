"""What a check may need beside the batch endpoint, one key and one product, in words: the codes of spec/rules.yaml."""

from collections.abc import Iterable, Sequence

from tracepass_contract.contract_tests.verdicts import RunResult, Verdict
from tracepass_contract.spec import rules

WORDS = {
    "S": "a call that creates a single passport",
    "L": "a call that reads a passport back",
    "K2": "a second API key of the same workspace",
    "T2": "a second workspace, with a key of its own",
    "W": "a known write budget: how many writes the day has left",
    "Q": "a known passport quota: how many passports the plan has left",
    "O": "a plan that offers overage, and leave to charge it",
    "C": "leave to send calls in parallel",
    "T": "a clock that can be set forward",
    "P": "a deployment that can be provisioned, for what can't be taken back",
}


def in_words(code: str) -> str:
    return WORDS.get(code, code)


def lacking(result: RunResult, rule: str) -> Sequence[str]:
    """What an untested rule would need, in words: what its checks name, else what the run had not."""
    if result.verdict_of(rule) is not Verdict.UNTESTED:
        return []
    named = [f.missing for f in result.findings if f.rule == rule and f.verdict is Verdict.UNTESTED and f.missing]
    known = rules().get(rule)
    needs = [code for code in known.needs if code not in result.capabilities] if known else []
    return list(dict.fromkeys(_spelled_out(named) or map(in_words, needs)))


def _spelled_out(named: Iterable[str]) -> list[str]:
    """Texts as they are; codes in words, alone, in lists, or before a colon."""
    parts = [part for text in named for part in text.split("; ")]
    return [words for part in parts for words in (_codes_in_words(part) or [part])]


def _codes_in_words(part: str) -> list[str]:
    codes = part.partition(":")[0].replace(",", " ").replace("+", " ").split()
    return [WORDS[code] for code in codes] if all(code in WORDS for code in codes) else []
