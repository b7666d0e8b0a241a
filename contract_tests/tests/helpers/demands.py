"""What calls ask of the balances: a hypothesis, a demand made by hand, and the demands of a story."""

from tracepass_contract.contract_tests.judging.oracle.calls.calls import Call, is_batch
from tracepass_contract.contract_tests.judging.oracle.calls.notes import Notes
from tracepass_contract.contract_tests.judging.oracle.keys.keys import roles_of
from tracepass_contract.contract_tests.judging.oracle.ledger.demands import Demand, Hypothesis, Kind
from tracepass_contract.contract_tests.judging.oracle.ledger.timeline import Timeline, timelines
from tracepass_contract.contract_tests.tests.helpers.histories import Story

RIGHT = Hypothesis()


def admitted(size: int, created: int, **about: object) -> Demand:
    return Demand(Kind.ADMITTED, size, created, created, **about)  # type: ignore[arg-type]


def timeline(story: Story, workspace: str = "main") -> Timeline:
    calls = {each.number: Call(each) for each in story.history.exchanges if is_batch(each)}
    made = timelines(story.history, calls, roles_of(list(calls.values()), Notes()))
    return next(each for each in made if each.workspace == workspace)


def demands_of(story: Story, workspace: str = "main") -> list[Demand]:
    return [entry for entry in timeline(story, workspace).entries if isinstance(entry, Demand)]
