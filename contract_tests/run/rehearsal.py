"""A rehearsal of a run: the same checks against a mock in place of the deployment. Calls are counted, not judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.history import Exchange, Lost
from ..model.verdicts import Finding, Judgement, RunResult
from ..target.arranged_mock import arranged_mock
from ..target.settings import Settings
from ..target.target import opened
from .findings import Roles
from .pytest_run import Check, run_checks
from .run import Run, Watcher


@dataclass(frozen=True, slots=True)
class Cost:
    """What calls took: how many they were, and their writes, passports of the quota and cents of overage."""

    requests: int = 0
    writes: int = 0
    slots: int = 0
    cents: int = 0

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(
            self.requests - other.requests,
            self.writes - other.writes,
            self.slots - other.slots,
            self.cents - other.cents,
        )


NOTHING = Cost()


@dataclass(frozen=True, slots=True)
class Step:
    """A check, what it took, and how it ended; None where it passed."""

    check: Check
    cost: Cost
    error: BaseException | None


class Rehearsal(Run):
    """A run that notes what each of its parts takes: `before` the checks, each check, and `after` them."""

    def __init__(self, settings: Settings, watcher: Watcher | None = None) -> None:
        super().__init__(settings, watcher)
        self.before = NOTHING
        self.after = NOTHING
        self.steps: list[Step] = []
        self._so_far = NOTHING
        self._ended: list[tuple[Cost, BaseException | None]] = []

    @property
    def total(self) -> Cost:
        return self._so_far

    @property
    def writes_most(self) -> int:
        """The writes where the deployment charges refused calls, too. A run never takes more than its limits.

        The check that loses answers asks for them again, so lost calls add nothing.
        """
        assert self.target is not None
        purse, given = self.target.session.purse, self.settings.deployment
        refused = purse.unsure.writes - sum(map(_writes_of_lost, self.history.exchanges))
        limits = [purse.taken.writes + refused]
        if self.settings.ceilings.writes is not None:
            limits.append(self.settings.max_writes)
        if given is not None and given.writes_left is not None and not given.hooks.set_budget:
            unsure = purse.taken_of("second")[1]
            limits.append(given.writes_left + self.writes_of_second + unsure.writes)
        return min(limits)

    @property
    def writes_of_second(self) -> int:
        """How many of the writes are of the second workspace, which has a budget of its own."""
        assert self.target is not None
        return self.target.session.purse.taken_of("second")[0].writes

    def begin(self) -> None:
        super().begin()
        if not self._ended:
            self.before = self._next()

    def add(self, check: str, roles: Roles, sentence: str, error: BaseException | None) -> None:
        super().add(check, roles, sentence, error)
        self._ended.append((self._next(), error))

    def finish(self) -> RunResult:
        self._next()
        result = super().finish()
        self.after = self._next()
        return result

    def have_been(self, checks: Sequence[Check]) -> None:
        """The checks, in their order. Those that have not ended, because the run was interrupted, are left out."""
        self.steps = [Step(check, *ended) for check, ended in zip(checks, self._ended, strict=False)]

    def _judgement(self, findings: Sequence[Finding]) -> Judgement:
        return Judgement(findings)

    def _next(self) -> Cost:
        """What was taken since this was asked last."""
        assert self.target is not None
        purse, before = self.target.session.purse, self._so_far
        self._so_far = Cost(purse.requests, purse.taken.writes, purse.taken.slots, purse.taken.cents)
        return self._so_far - before


def _writes_of_lost(call: Exchange) -> int:
    """The writes that a call without an answer may have taken."""
    if call.lost in {None, Lost.NEVER_SENT}:
        return 0
    items = call.sent_json.get("passports") if isinstance(call.sent_json, dict) else None
    return len(items) if isinstance(items, list) else 1


def rehearse(settings: Settings, *, is_provisioned: bool, watcher: Watcher | None = None) -> Rehearsal:
    """The rehearsal, when it has ended. Sends nothing to the deployment."""
    with arranged_mock(settings, is_provisioned=is_provisioned) as like_it:
        run = Rehearsal(like_it, watcher)
        with opened(like_it) as run.target:
            run.have_been(run_checks(run))
    return run
