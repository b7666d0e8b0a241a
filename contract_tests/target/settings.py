"""What a run is asked to be: from the command line, the environment, or pytest's options."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tracepass_contract import spec

from ..client.spend import Ceilings
from ..model.outcomes import BadDeployment
from .deployment import Deployment
from .mock_process import running_mock

MAX_WRITES = 60
EXAMPLES = 40
MAX_SLOTS = 3
CALL_SECONDS = 60.0  # a hundred items may take their time
TIME_LIMIT_SECONDS = 900.0
SECONDS_LEAST = 0.1
StartMock = Callable[[Sequence[str], Path | None], AbstractContextManager[str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """`deployment` is None where a mock is to be started for the run: by `start_mock`, with `mock_options`.

    A run that `learns` also asks what only tells readings apart (`learning`).

    A run ends with the first test that finds one of the rules of `stop_at` violated. What the machine finds is made as
    short as can be where it `shrinks`.
    """

    deployment: Deployment | None = None
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
    history: Path | None = None
    report_json: Path | None = None
    report_junit: Path | None = None
    report_html: Path | None = None
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
        """For a deployment where what is taken is gone. Workspaces of our own have none."""
        cents = self.max_charge_cents if self.allow_charges else 0
        return Ceilings(self.max_writes, self.max_slots, cents, self.allow_charges)

    @property
    def spares_what_is_somebodys(self) -> Sequence[str]:
        """The options that were given to spare a workspace: a run in workspaces of its own uses none of them."""
        given = {
            "--max-writes": self.max_writes != MAX_WRITES,
            "--max-slots": self.max_slots != MAX_SLOTS,
            "--allow-charges": self.allow_charges,
            "--max-charge-cents": self.max_charge_cents != 0,
            "--keep-drafts": self.keep_drafts,
        }
        return [name for name, is_given in given.items() if is_given]


def mock_options_of(readings: Sequence[str], deployment: Deployment | None) -> tuple[str, ...]:
    """The options of the mock that is started, with a reading as ID=ANSWER each. Raises `BadDeployment`."""
    if readings and deployment is not None:
        where = deployment.base_url or "the deployment"
        raise BadDeployment(f"--reading {readings[0]}: is for the mock that is started; {where} has its own readings")
    answers, misgiven = spec.answers_in(readings)
    if wrong := misgiven or spec.check_answers(answers):
        raise BadDeployment("\n".join(f"--reading: {each}" for each in wrong))
    return tuple(part for each in readings for part in ("--reading", each))
