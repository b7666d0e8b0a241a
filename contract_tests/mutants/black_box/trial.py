"""One run of the suite against one mutant, and what the suite says of it."""

import io
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, replace
from enum import StrEnum

from tracepass_contract.fixtures import accounts
from tracepass_contract.spec import rules

from ...model import clock
from ...model.outcomes import Unreachable
from ...model.verdicts import RunResult, Verdict
from ...report.conclusion import Exit, exit_code, is_warning
from ...run.pytest_run import perform
from ...run.run import Run
from ...target.deployment import Deployment
from ...target.settings import Settings
from .mutated_mock import mutated_mock
from .mutations import Mutation
from .traffic import Traffic, differing, traffic_of

SEED = 1  # of each run: the runs differ only in the mutant
_CALL_SECONDS = 10.0
_SECONDS_MAX = 240.0
_CLEAN_RUNS = 2
_ROOM = 1_000  # writes and passports of a run in a given workspace


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"  # a rule is violated, exit code 1
    SANK = "sank"  # no rule is violated, but one has a worse verdict than with the clean mock
    SURVIVED = "survived"
    NO_START = "no start"


@dataclass(frozen=True, slots=True)
class Clean:
    """The verdicts and answers of the mock without a change."""

    verdicts: Mapping[str, Verdict]
    traffic: Sequence[Traffic]


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant. `by` are the rules that tell; `seen_by` are checks that got other answers."""

    fate: Fate
    by: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def is_seen(self) -> bool:
        return bool(self.seen_by)


def clean_runs() -> Clean:
    """Runs against the mock as it is. Raises `RuntimeError` where a rule does not conform: then nothing can be said."""
    runs = [_run(None) for _ in range(_CLEAN_RUNS)]
    results = [_result(run) for run in runs]
    if wrong := sorted({rule for result in results for rule in rules() if _is_bad(result, rule)}):
        raise RuntimeError(f"the mock without a change does not conform: {', '.join(wrong)}")
    return Clean({rule: results[0].verdict_of(rule) for rule in rules()}, [traffic_of(run.history) for run in runs])


def tried(mutation: Mutation, clean: Clean) -> Trial:
    """Serve the mutant and run the suite until a rule is violated."""
    began = clock.monotonic()
    try:
        run = _judged_run(mutation)
    except Unreachable:
        return Trial(Fate.NO_START, seconds=clock.monotonic() - began)
    except Exception as error:
        return Trial(Fate.SANK, (f"no run: {error!r}",), seconds=clock.monotonic() - began)
    fate, by = _judged(run, clean)
    seen_by = differing(traffic_of(run.history), clean.traffic)
    return Trial(fate, by, tuple(seen_by), clock.monotonic() - began)


def _judged_run(mutation: Mutation) -> Run:
    """A run in isolated workspaces. Where the change breaks the control plane, too, no check can have one: then a run
    in a workspace that the mock starts with. Raises `Unreachable` where the suite finds no API there, either.
    """
    with suppress(Unreachable):
        run = _run(mutation)
        if run.history.exchanges:
            return run
    with mutated_mock(mutation)((), None) as base_url:
        return _performed(_live(base_url))


def _run(mutation: Mutation | None) -> Run:
    return _performed(replace(_settings(), start_mock=mutated_mock(mutation)))


def _performed(settings: Settings) -> Run:
    with redirect_stdout(io.StringIO()):  # pytest writes there
        return perform(settings)


def _settings() -> Settings:
    must = frozenset(rule.id for rule in rules().values() if not is_warning(rule, Verdict.VIOLATES))
    return Settings(
        shrinks=False,
        stop_at=must,
        call_seconds=_CALL_SECONDS,
        time_limit_seconds=_SECONDS_MAX,
        seed=SEED,
    )


def _live(base_url: str) -> Settings:
    account = next(each for each in accounts() if each.name == "unlimited")
    given = Deployment(
        base_url,
        product_id=account.product_id,
        gtin=account.gtin,
        unlimited_writes=True,
        unlimited_slots=True,
        single_create=True,
        read_back=True,
    ).with_key(account.api_key)
    return replace(
        _settings(), deployment=given, control_plane=False, max_writes=_ROOM, max_slots=_ROOM, keep_drafts=True
    )


def _judged(run: Run, clean: Clean) -> tuple[Fate, tuple[str, ...]]:
    if run.wrong_call:
        return Fate.SANK, (run.wrong_call,)
    result = _result(run)
    found = {rule: result.verdict_of(rule) for rule in rules()}
    violated = [rule for rule, verdict in found.items() if verdict is Verdict.VIOLATES]
    if violated and exit_code(result) is Exit.VIOLATES and Verdict.SUITE_ERROR not in found.values():
        return Fate.KILLED, tuple(violated)
    worse = [f"{rule}: {verdict}" for rule, verdict in found.items() if verdict.badness < clean.verdicts[rule].badness]
    return (Fate.SANK, tuple(worse)) if worse else (Fate.SURVIVED, ())


def _result(run: Run) -> RunResult:
    if run.result is None:
        raise RuntimeError("no test ran")
    return run.result


def _is_bad(result: RunResult, rule: str) -> bool:
    return result.verdict_of(rule) in {Verdict.VIOLATES, Verdict.SUITE_ERROR}
