"""Random sequences of calls from Hypothesis. The oracle must find an explanation for each.

Each example has a workspace of its own with limits that are in reach. After it the oracle judges all calls. A violated
rule fails the example, and Hypothesis looks for a shorter one.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ..client.api import Api, Batch
from ..client.reply import Reply
from ..client.single_calls import Item
from ..judging.oracle import judge
from ..model.history import Exchange, History
from ..model.outcomes import Inconclusive, Mismatch, Untested
from ..model.redaction import Redactor
from ..model.verdicts import Finding, Verdict
from ..report.curl import script
from ..target.target import Target
from ..target.workspace import Account

STEPS = 15
_SERIALS = 6  # few, so that batches share pairs
_KEYS = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(1, 4)]
_UNKNOWN_PRODUCT = "0" * 24

wishes = st.tuples(st.integers(0, _SERIALS - 1), st.sampled_from([True, True, True, False]))
"""An item: the number of its serial, and whether its product exists."""
batches = st.lists(wishes, min_size=1, max_size=5)
keys = st.sampled_from([None, *_KEYS])
consents = st.sampled_from([None, None, None, False, True])
left = st.none() | st.integers(0, 7)


class Clients(RuleBasedStateMachine):
    """The clients of one workspace, and sometimes those of another one."""

    target: ClassVar[Target]
    played: ClassVar[list[History]]
    broken: ClassVar[list[History]]
    sent: Bundle[Batch] = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.session = self.target.session
        self.session.events.clear()
        self.account = self.target.account()
        self.second: Api | None = None
        self.other: Account | None = None

    @initialize(writes_left=left, slots_left=left, overage=st.booleans())
    def a_workspace_has_so_much_left(self, writes_left: int | None, slots_left: int | None, overage: bool) -> None:
        self.account.has(writes_left=writes_left, slots_left=slots_left, overage=overage)

    @rule(target=sent, items=batches, key=keys, consent=consents)
    def a_client_sends_a_batch(self, items: Sequence[tuple[int, bool]], key: str | None, consent: Any) -> Any:
        return self._say(Batch(self._items(items), key, consent))

    @rule(batch=sent)
    def it_sends_the_same_again(self, batch: Batch) -> None:
        self._send(batch)

    @rule(batch=sent)
    def it_sends_the_same_with_consent(self, batch: Batch) -> None:
        self._send(Batch(batch.items, None, True))

    @precondition(lambda self: "K2" in self.target.capabilities)
    @rule(batch=sent)
    def it_sends_the_same_with_a_second_api_key(self, batch: Batch) -> None:
        self.second = self.second or self.account.second_key()
        self.second.send(batch)

    @rule(batch=sent, items=batches)
    def it_uses_a_key_for_another_body(self, batch: Batch, items: Sequence[tuple[int, bool]]) -> None:
        self._send(Batch(self._items(items), batch.key, batch.consent))

    @rule(batch=sent)
    def it_spells_the_same_body_otherwise(self, batch: Batch) -> None:
        spelled = orjson.dumps(orjson.loads(batch.body), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        self._send(Batch(batch.items, batch.key, batch.consent, raw=spelled))

    @rule(batch=sent, key=keys)
    def it_sends_items_that_have_no_shape(self, batch: Batch, key: str | None) -> None:
        self._send(Batch([*batch.items, {"productId": 7}], key))

    @rule(number=st.sampled_from([0, 101]), key=keys)
    def it_sends_too_few_or_too_many(self, number: int, key: str | None) -> None:
        self._send(Batch(self._items([(0, True)]) * number, key))

    @precondition(lambda self: "T2" in self.target.capabilities)
    @rule(batch=sent)
    def another_workspace_uses_the_same_key(self, batch: Batch) -> None:
        self.other = self.other or self.account.another_workspace()
        serials = [item["gs1"]["serialNumber"] for item in batch.items]
        self.other.api.send(Batch([self.other.passport(serial) for serial in serials], batch.key))

    @precondition(lambda self: self.account.can_lose)
    @rule(target=sent, items=batches, key=keys, executed=st.booleans())
    def an_answer_is_lost(self, items: Sequence[tuple[int, bool]], key: str | None, executed: bool) -> Any:
        self.account.lose_next(executed=executed)
        return self._say(Batch(self._items(items), key))

    @precondition(lambda self: "T" in self.target.capabilities)
    @rule(hours=st.sampled_from([1, 12, 23.5, 24.5]), batch=consumes(sent))
    def time_goes_by(self, hours: float, batch: Batch) -> None:
        """And one of the batches is sent again."""
        self.account.advance_clock(hours)
        self._send(batch)

    def teardown(self) -> None:
        history = History(self.session.base_url, self.session.run, tuple(self.session.events))
        if self.broken:
            self.played.clear()  # while Hypothesis shrinks, only the last one matters
        self.played.append(history)
        broken = [each for each in judge(history).findings if each.verdict is Verdict.VIOLATES]
        if broken:
            self.broken.append(history)
            del self.broken[:-1]
            message = _message(broken[0], history, Redactor(self.session.secrets))
            raise Mismatch("a sequence of calls that the rules explain", message, broken[0].witnesses, broken[0].rule)

    def _items(self, wanted: Sequence[tuple[int, bool]]) -> list[Item]:
        run = self.session.run
        items = [self.account.passport(f"CONF-{run}-{900000 + serial}") for serial, _ in wanted]
        wrong = {"productId": _UNKNOWN_PRODUCT}
        return [item if known else {**item, **wrong} for item, (_, known) in zip(items, wanted, strict=True)]

    def _say(self, batch: Batch) -> Any:
        """Send the batch. Returns it for the bundle."""
        return multiple(batch) if self._send(batch) is not None else multiple()

    def _send(self, batch: Batch) -> Reply | None:
        return self.account.api.send(batch)


def explore(target: Target, number: int, examples: int, *, shrinks: bool = True) -> None:
    """Play this number of examples. Raises the `Mismatch` of the shortest that violates a rule; of the first without
    `shrinks`. Shrinking takes many calls, so it only runs against a mock of the run.
    """
    if not target.provisions:
        raise Untested("P: a control plane that makes workspaces")
    if not examples:
        raise Untested("one random sequence or more (--examples)")
    phases = [Phase.generate, Phase.shrink] if shrinks and target.is_ours else [Phase.generate]
    played: list[History] = []
    machine = type("Clients", (Clients,), {"target": target.with_own_history(), "played": played, "broken": []})
    options = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=phases,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seed(number)(machine), settings=options)
    except Mismatch:
        raise  # the last history is the shortest
    except Flaky as error:  # the judge of the whole run sees all calls
        raise Inconclusive("a sequence of calls that ended with trouble did not when it was repeated") from error
    finally:
        target.session.events.extend(event for history in played for event in history.events)


def _message(finding: Finding, history: History, redactor: Redactor) -> str:
    """The calls as text, and as a script that repeats them."""
    story = [f"  {each.number}. {_line(each)}" for each in history.exchanges]
    because = f"{finding.because} ({', '.join(f'#{number}' for number in finding.witnesses)})"
    message = redactor.text("\n".join([because, *story]))
    return f"{message}\n\n{script(history.events, redactor, title=finding.rule)}"


def _line(exchange: Exchange) -> str:
    sent = exchange.sent_json if isinstance(exchange.sent_json, dict) else {}
    items = sent.get("passports")
    key = f" under {exchange.idempotency_key[:8]}…" if exchange.idempotency_key else ""
    consent = " with consent" if sent.get("confirmOverage") is True else ""
    names = [str(item.get("gs1", {}).get("serialNumber", "no shape"))[-2:] for item in items or ()]
    message = ", ".join(names[:6]) or "nothing"
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"{exchange.credential} sends {message}{more}{key}{consent} -> {Reply(exchange).described}"
