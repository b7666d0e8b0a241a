"""The checks that the ceilings of a run left out, and the ceilings with which they would run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..client.spend import FREE, Price
from ..model.verdicts import Finding, Verdict

Options = tuple[str, ...]


@dataclass
class LeftOut:
    """Collects checks in the order of the run, with the options whose ceilings they would exceed.

    The price of a check includes its risk, because a ceiling counts refused calls.
    """

    _sum: Price = FREE
    _checks: dict[str, tuple[Price, Options]] = field(default_factory=dict)

    def add(self, check: str, room: Price, options: Sequence[str], price: Price | None = None) -> None:
        """`room` must be left before the check; it takes `price`, by default all of the room."""
        self._checks[check] = self._sum + room, tuple(options)
        self._sum += room if price is None else price

    def told(self, findings: Sequence[Finding], taken: Price) -> list[Finding]:
        """The findings. Those of checks that were left out name the ceilings with which all such checks of their rule
        would run, after all checks that run before them. `taken` is what the run took.
        """
        most: dict[tuple[str, Options], Price] = {}
        for each in findings:
            if each.check in self._checks:
                before, options = self._checks[each.check]
                most[each.rule, options] = _higher(most.get((each.rule, options), FREE), taken + before)
        return [replace(each, missing=self._needs(each, most) or each.missing) for each in findings]

    def _needs(self, finding: Finding, most: Mapping[tuple[str, Options], Price]) -> str:
        if finding.check not in self._checks or finding.verdict is not Verdict.UNTESTED:
            return ""
        options = self._checks[finding.check][1]
        whole = most[finding.rule, options]
        ceilings = {"--max-writes": whole.writes, "--max-slots": whole.slots, "--max-charge-cents": whole.cents}
        return "; ".join(f"`{option} {ceilings[option]}`" for option in options)


def _higher(one: Price, other: Price) -> Price:
    return Price(max(one.writes, other.writes), max(one.slots, other.slots), max(one.cents, other.cents))
