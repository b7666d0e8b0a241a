"""The checks that the ceilings of a run left out, and the ceilings with which they would run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..client.spend import FREE, Price
from ..model.verdicts import Finding


@dataclass
class LeftOut:
    """Collects checks with their price and the options whose ceilings they would exceed.

    The price of a check includes its risk, because a ceiling counts refused calls.
    """

    highest: Price = FREE  # price of a check of the run
    _checks: dict[str, tuple[Price, Sequence[str]]] = field(default_factory=dict)

    def add(self, check: str, price: Price, options: Sequence[str]) -> None:
        self._checks[check] = price, options

    def expect(self, price: Price) -> None:
        """A check of the run has this price."""
        most = self.highest
        self.highest = Price(max(most.writes, price.writes), max(most.slots, price.slots), max(most.cents, price.cents))

    def told(self, findings: Sequence[Finding], taken: Price) -> list[Finding]:
        """The findings. Those of the checks that were left out name the ceilings with which all checks would run.

        `taken` is what the run took. A check that took less than its price still needed all of it to start.
        """
        whole = sum((price for price, _ in self._checks.values()), taken + self.highest)
        ceilings = {"--max-writes": whole.writes, "--max-slots": whole.slots, "--max-charge-cents": whole.cents}
        return [replace(each, missing=self._needs(each.check, ceilings) or each.missing) for each in findings]

    def _needs(self, check: str, ceilings: Mapping[str, int]) -> str:
        options = self._checks[check][1] if check in self._checks else ()
        return "; ".join(f"`{option} {ceilings[option]}`" for option in options)
