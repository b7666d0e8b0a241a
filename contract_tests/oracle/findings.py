"""Where the parts of the oracle write down what they find: one finding for each reason, with its witnesses."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tracepass_contract.contract_tests.verdicts import Finding, Observation, Verdict

WITNESSES_MAX = 12


class Notes:
    """The findings and observations so far."""

    def __init__(self) -> None:
        self._findings: dict[tuple[str, Verdict, str, str], Finding] = {}
        self._observations: dict[str, Observation] = {}

    def conforms(self, rule: str, check: str, witnesses: int | Iterable[int]) -> None:
        self._add(Finding(rule, Verdict.CONFORMS, check, witnesses=_numbers(witnesses)))

    def violates(
        self,
        rule: str,
        check: str,
        because: str,
        witnesses: int | Iterable[int],
        *,
        expected: str = "",
        actual: str = "",
    ) -> None:
        self._add(Finding(rule, Verdict.VIOLATES, check, because, expected, actual, _numbers(witnesses)))

    def inconclusive(self, rule: str, check: str, because: str, witnesses: int | Iterable[int]) -> None:
        self._add(Finding(rule, Verdict.INCONCLUSIVE, check, because, witnesses=_numbers(witnesses)))

    def observe(self, reading: str, answers: Iterable[str], witnesses: int | Iterable[int]) -> None:
        """The answers that remain; where a reading is observed twice, all that was seen."""
        seen = self._observations.get(reading, Observation(reading, ()))
        self._observations[reading] = replace(
            seen,
            answers=list(dict.fromkeys([*seen.answers, *answers])),
            witnesses=_joined(seen.witnesses, _numbers(witnesses)),
        )

    @property
    def findings(self) -> Sequence[Finding]:
        """Worst first, then as they were found."""
        return sorted(self._findings.values(), key=lambda finding: finding.verdict.badness)

    @property
    def observations(self) -> Sequence[Observation]:
        return sorted(self._observations.values(), key=lambda observation: observation.reading)

    def _add(self, finding: Finding) -> None:
        at = (finding.rule, finding.verdict, finding.check, finding.because)
        seen = self._findings.get(at)
        if seen is None:
            self._findings[at] = finding
        else:
            self._findings[at] = replace(seen, witnesses=_joined(seen.witnesses, finding.witnesses))


def _numbers(witnesses: int | Iterable[int]) -> Sequence[int]:
    return [witnesses] if isinstance(witnesses, int) else sorted(set(witnesses))


def _joined(some: Sequence[int], more: Sequence[int]) -> Sequence[int]:
    return list(some) if len(some) >= WITNESSES_MAX else list(dict.fromkeys([*some, *more]))
