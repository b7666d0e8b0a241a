"""The settings of a run."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tracepass_contract import spec

from ..client.access import ANYWHERE, Access
from ..client.spend import NO_CEILINGS, Ceilings
from ..model.outcomes import BadDeployment
from .deployment import Deployment
from .mock_process import running_mock

MAX_WRITES = 60
EXAMPLES = 40
MAX_SLOTS = 3
CALL_SECONDS = 60.0  # 100 items can take long
TIME_LIMIT_SECONDS = 900.0
SECONDS_TO_CLEAN_UP = 30.0
StartMock = Callable[[Sequence[str], Path | None], AbstractContextManager[str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run. Without a `deployment`, `start_mock` starts a mock with `mock_options`.

    A run that `learns` also sends calls whose only purpose is to tell readings apart (`run.questions`). It ends with
    the first violation of a rule of `stop_at`. With `shrinks`, Hypothesis shortens the call sequences that fail.
    """

    deployment: Deployment | None = None
    access: Access = ANYWHERE
    control_plane: bool = True
    control_token: str | None = field(default=None, repr=False)
    concurrency: bool = False
    max_writes: int = MAX_WRITES
    max_slots: int = MAX_SLOTS
    max_charge_cents: int = 0
    allow_charges: bool = False
    keep_drafts: bool = False
    call_seconds: float = CALL_SECONDS
    time_limit_seconds: float = TIME_LIMIT_SECONDS
    rule_prefixes: tuple[str, ...] = ()
    card: Mapping[str, str] = field(default_factory=dict)  # the answers that are required
    seed: int | None = None
    examples: int = EXAMPLES
    shrinks: bool = True
    accepted_untested: tuple[str, ...] = ()
    mock_options: tuple[str, ...] = ()
    start_mock: StartMock = running_mock
    mock_log: Path | None = None
    stop_at: frozenset[str] = frozenset()
    learns: bool = False

    @property
    def ceilings(self) -> Ceilings:
        """The most that the run may take from the given deployment; a mock that is started has no ceilings."""
        if self.deployment is None:
            return NO_CEILINGS
        cents = self.max_charge_cents if self.allow_charges else 0
        return Ceilings(self.max_writes, self.max_slots, cents, self.allow_charges)

    @property
    def cleans_up(self) -> bool:
        """Whether each create reserves a write to delete it. The free plan refuses deletions."""
        given = self.deployment
        return given is not None and not self.keep_drafts and given.plan != "free"

    @property
    def seconds_to_clean_up(self) -> float:
        """The end of the time limit, which is for the clean-up alone."""
        return 0 if self.keep_drafts else min(SECONDS_TO_CLEAN_UP, self.time_limit_seconds / 5)

    @property
    def protective_options(self) -> Sequence[str]:
        """The given options that protect a workspace. A run in isolated workspaces ignores them."""
        given = {
            "--max-writes": self.max_writes != MAX_WRITES,
            "--max-slots": self.max_slots != MAX_SLOTS,
            "--allow-charges": self.allow_charges,
            "--max-charge-cents": self.max_charge_cents != 0,
            "--keep-drafts": self.keep_drafts,
        }
        return [name for name, is_given in given.items() if is_given]


def mock_options_of(readings: Sequence[str], deployment: Deployment | None) -> tuple[str, ...]:
    """The options for the mock, from readings as ID=ANSWER. Raises `BadDeployment`."""
    if readings and deployment is not None:
        where = deployment.base_url or "a deployment"
        raise BadDeployment(
            f"--reading {readings[0]} works only without a URL: it can't change the readings of {where}"
        )
    answers, misgiven = spec.answers_in(readings)
    if wrong := misgiven or spec.check_answers(answers):
        raise BadDeployment("\n".join(f"--reading: {each}" for each in wrong))
    return tuple(part for each in readings for part in ("--reading", each))
