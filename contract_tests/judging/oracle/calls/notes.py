"""Where the parts of the oracle note their findings: one for each reason, with its witnesses."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tracepass_contract.spec import readings

from ....model.time_is_up import IsUp, TimeIsUp, never
from ....model.verdicts import Finding, Observation, Verdict

WITNESSES_MAX = 12
Seen = tuple[set[str], Sequence[int]]  # answers of a reading that are possible, and what showed it


class Notes:
    """The findings and observations so far."""

    def __init__(self, is_up: IsUp = never) -> None:
        self._is_up = is_up
        self._findings: dict[tuple[str, Verdict, str, str], Finding] = {}
        self._seen: dict[str, list[Seen]] = {}

    def conforms(self, rule: str, check: str, witnesses: int | Iterable[int]) -> None:
        self._add(Finding(rule, Verdict.CONFORMS, check, witnesses=_numbers(witnesses)))

    def is_shown(self, rule: str, check: str) -> bool:
        """Whether this check saw that the rule conforms, so that more of it would add nothing."""
        return (rule, Verdict.CONFORMS, check, "") in self._findings

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
        """The history shows that the deployment has one of these answers."""
        possible = set(answers) & readings()[reading].answers.keys()
        if possible:
            self._seen.setdefault(reading, []).append((possible, _numbers(witnesses)))

    def go_on(self) -> None:
        """Raises `TimeIsUp` where the judge has to end. Called for each call, and with each note."""
        if self._is_up():
            raise TimeIsUp

    @property
    def findings(self) -> Sequence[Finding]:
        """Worst first, then in the order in which they were found."""
        return sorted(self._findings.values(), key=lambda finding: finding.verdict.badness)

    @property
    def observations(self) -> Sequence[Observation]:
        """The remaining answers of each observed reading."""
        known = (self._observation(reading, seen) for reading, seen in sorted(self._seen.items()))
        return [observation for observation in known if observation]

    def _observation(self, reading: str, seen: Sequence[Seen]) -> Observation | None:
        """The answers that all observations allow; where they contradict each other, all observed answers."""
        answers = readings()[reading].answers
        remaining = set.intersection(*(possible for possible, _ in seen))
        if not remaining:
            seen = [each for each in seen if len(each[0]) == 1] or seen
            remaining = set.union(*(possible for possible, _ in seen))
        telling = [witnesses for possible, witnesses in seen if len(possible) < len(answers)]
        if len(remaining) == len(answers) and not telling:
            return None
        witnesses: Sequence[int] = ()
        for each in telling:
            witnesses = _joined(witnesses, each)
        return Observation(reading, [answer for answer in answers if answer in remaining], witnesses)

    def _add(self, finding: Finding) -> None:
        self.go_on()
        at = (finding.rule, finding.verdict, finding.check, finding.because)
        seen = self._findings.get(at)
        if seen is None:
            self._findings[at] = finding
        elif len(seen.witnesses) < WITNESSES_MAX:
            self._findings[at] = replace(seen, witnesses=_joined(seen.witnesses, finding.witnesses))


def _numbers(witnesses: int | Iterable[int]) -> Sequence[int]:
    return [witnesses] if isinstance(witnesses, int) else sorted(set(witnesses))


def _joined(some: Sequence[int], more: Sequence[int]) -> Sequence[int]:
    return list(some) if len(some) >= WITNESSES_MAX else list(dict.fromkeys([*some, *more]))
