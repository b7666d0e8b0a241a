"""What always holds: no deployment that keeps the contract is found to break it, and each wrong one is found out."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracepass_contract.contract_tests.judging.oracle.judge import judge
from tracepass_contract.contract_tests.model.history_lines import from_lines, to_lines
from tracepass_contract.contract_tests.tests.helpers.deployments import Deployment, send
from tracepass_contract.contract_tests.tests.helpers.histories import Story, batch, passport

KEYS = [f"7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7{digit}" for digit in "0123"]
KNOWN = st.sampled_from([True, True, True, False])


def deployments() -> st.SearchStrategy[Deployment]:
    return st.builds(
        Deployment,
        writes_per_day=st.integers(1, 12),
        slots=st.integers(0, 8),
        sells_overage=st.booleans(),
        shape_takes=st.sampled_from(["none", "one", "every-item"]),
        quota_refusal_takes=st.sampled_from(["none", "every-item"]),
        compares_with=st.sampled_from(["requested", "creatable"]),
        remembers=st.sampled_from(["2xx", "all-but-429", "all"]),
        raw_bytes=st.booleans(),
    )


def bodies() -> st.SearchStrategy[bytes]:
    serials = st.lists(st.sampled_from("abcdefghijklmnop"), max_size=5)
    members: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{}, {}, {}, {"confirmOverage": True}])
    whole = st.builds(lambda names, more: batch(*names, **more), serials, members)
    return whole | st.just(b'{"passports":[{"productId":"x"}]}')


def calls() -> st.SearchStrategy[tuple[str, Any]]:
    sent = st.tuples(bodies(), st.none() | st.sampled_from(KEYS), st.sampled_from(["main", "main", "main", None]))
    return st.one_of(
        st.tuples(st.just("send"), sent),
        st.tuples(st.just("send"), sent),
        st.tuples(st.just("again"), st.integers(1, 4)),
        st.tuples(st.just("lose"), sent),
        st.tuples(st.just("wait"), st.sampled_from([1, 5, 13, 25])),
    )


@settings(max_examples=300, deadline=None)
@given(deployment=deployments(), script=st.lists(calls(), max_size=25), knows=st.tuples(KNOWN, KNOWN, KNOWN))
def test_a_deployment_that_keeps_the_contract_is_never_found_to_break_it(
    deployment: Deployment, script: list[tuple[str, Any]], knows: tuple[bool, bool, bool]
) -> None:
    story = Story(
        writes_left=deployment.writes_per_day if knows[0] else None,
        writes_per_day=deployment.writes_per_day if knows[0] else None,
        slots_left=deployment.slots if knows[1] else None,
        overage_supported=deployment.sells_overage if knows[2] else None,
    )
    sent: list[tuple[bytes, str | None]] = []
    for what, about in script:
        if what == "wait":
            story.later(hours=about)
        elif what == "again" and len(sent) >= about:
            send(story, deployment, sent[-about][0], key=sent[-about][1])
        elif what in ("send", "lose"):
            body, key, workspace = about
            send(story, deployment, body, key=key, workspace=workspace, lost=what == "lose")
            sent.append((body, key))

    assert story.broken() == set()


@settings(max_examples=100, deadline=None)
@given(deployment=deployments(), script=st.lists(st.tuples(bodies(), st.none() | st.sampled_from(KEYS)), max_size=8))
def test_calls_that_came_at_once_may_have_been_answered_in_any_order(
    deployment: Deployment, script: list[tuple[bytes, str | None]]
) -> None:
    story = Story(
        writes_left=deployment.writes_per_day, slots_left=deployment.slots, overage_supported=deployment.sells_overage
    )
    story.race("all")
    for body, key in script:
        send(story, deployment, body, key=key)
    story.events[1:] = sorted(story.events[1:], key=lambda event: orjson.dumps(getattr(event, "body", b"").decode()))

    assert story.broken() == set()


def budget_script(story: Story, deployment: Deployment) -> None:
    deployment.slots = 99
    story.given(writes_left=10, writes_per_day=10, unlimited_slots=True)
    send(story, deployment, batch(*"zyxwvutsrqp"))
    send(story, deployment, batch("a", "b"))
    send(story, deployment, batch("a", "b", "a"))
    send(story, deployment, batch("a", "b", "a"))
    send(story, deployment, batch("n", "o", "m"))
    send(story, deployment, batch("a", "b"))
    send(story, deployment, batch("c"))
    story.later(hours=13)
    send(story, deployment, batch("n"))
    send(story, deployment, batch(*"aaaaaaaaa"))


def quota_script(story: Story, deployment: Deployment) -> None:
    send(story, deployment, batch("b"))
    send(story, deployment, batch(*"cdefgh"))
    send(story, deployment, batch(*"cdefg"))
    send(story, deployment, confirmed("h"))
    send(story, deployment, batch("i"))
    send(story, deployment, confirmed("k"))


def failing_script(story: Story, deployment: Deployment) -> None:
    send(story, deployment, batch("a"))
    send(story, deployment, batch("a", "b"))
    send(story, deployment, batch("b"))
    send(story, deployment, batch(*"cdef"))


def key_script(story: Story, deployment: Deployment) -> None:
    send(story, deployment, batch("a", "b"), key=KEYS[0])
    send(story, deployment, batch("a", "b"), key=KEYS[0])
    if deployment.wrong != "replay takes writes":
        send(story, deployment, batch("c"), key=KEYS[0])
    send(story, deployment, batch(*"mmmmmmmmmmm"))
    send(story, deployment, batch(*"dddddddd"))


def unknown_key_script(story: Story, deployment: Deployment) -> None:
    send(story, deployment, batch("y", "z"), workspace=None)
    send(story, deployment, batch(*"mmmmmmmmmmm"))
    send(story, deployment, batch(*"dddddddddd"))


def confirmed(name: str) -> bytes:
    return orjson.dumps({"passports": [passport(name, confirmOverage=True)], "confirmOverage": True})


Script = Callable[[Story, Deployment], None]


@pytest.mark.parametrize(
    ("wrong", "script", "rules"),
    [
        ("counts created", budget_script, {"budget.counts-every-item"}),
        ("counts calls", budget_script, {"budget.counts-every-item"}),
        ("429 takes", budget_script, {"budget.refuses-whole-batch"}),
        ("429 creates", budget_script, {"budget.refuses-whole-batch"}),
        ("exact fit refused", budget_script, {"budget.refuses-whole-batch"}),
        ("no budget", budget_script, {"budget.refuses-whole-batch"}),
        ("never renews", budget_script, {"budget.renews-each-utc-day"}),
        ("duplicates created", budget_script, {"items.serial-unique-per-gtin"}),
        ("failed take slots", failing_script, {"quota.failed-items-take-no-slot"}),
        ("402 takes slots", quota_script, {"quota.asks-for-consent"}),
        ("402 creates", quota_script, {"quota.asks-for-consent"}),
        ("exact slot refused", quota_script, {"quota.asks-for-consent"}),
        ("no quota", quota_script, {"quota.asks-for-consent"}),
        ("consent ignored", quota_script, {"quota.consent-covers-whole-batch"}),
        ("consent remembered", quota_script, {"quota.consent-is-not-remembered"}),
        ("all or nothing", failing_script, {"items.fail-independently"}),
        ("no keys", key_script, {"idempotency.replays-original", "idempotency.refuses-another-body"}),
        ("any body", key_script, {"idempotency.refuses-another-body"}),
        ("replay takes writes", key_script, {"idempotency.replay-changes-nothing"}),
        ("reused takes", key_script, {"idempotency.refuses-another-body"}),
        ("takes without a key", unknown_key_script, {"auth.bearer-required"}),
        ("serves without a key", unknown_key_script, {"auth.bearer-required"}),
    ],
)
def test_a_deployment_that_does_one_thing_wrong_breaks_that_rule(wrong: str, script: Script, rules: set[str]) -> None:
    right, story = (Story(writes_left=10, writes_per_day=10, slots_left=6, overage_supported=True) for _ in range(2))

    script(right, Deployment())
    script(story, Deployment(wrong=wrong))

    assert right.broken() == set()
    assert story.broken() == rules


def test_a_history_that_was_kept_is_judged_the_same() -> None:
    story = Story(writes_left=10, writes_per_day=10, slots_left=6, overage_supported=True)
    budget_script(story, Deployment(wrong="429 takes"))

    assert judge(from_lines(to_lines(story.history))) == story.judged()


def test_a_long_history_is_judged_in_time() -> None:
    """500 calls, near the limits all the time; the time is that of a slow machine."""
    story, deployment = Story(writes_left=300, writes_per_day=300, slots_left=60), Deployment(300, 60)
    for index in range(500):
        if index % 120 == 119:
            story.later(hours=12)
        send(story, deployment, batch(f"s{index % 90}", f"t{index % 70}"), key=f"key-{index % 200}")

    assert story.broken() == set()
