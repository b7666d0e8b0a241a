"""Programs that set a budget, a quota or a clock: what they are told, when they are tried, what they change."""

import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.client.spend import Price
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.history import Exchange, Given, Lost
from tracepass_contract.contract_tests.model.outcomes import BadDeployment, Inconclusive, Untested
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.target import hooks as hooks_module
from tracepass_contract.contract_tests.target.deployment import Deployment, Hooks, SecondWorkspace
from tracepass_contract.contract_tests.target.deployment_keys import KEYS, OWN_PLACEHOLDER, PLACEHOLDERS, as_markdown
from tracepass_contract.contract_tests.tests.helpers.command import at_once, check
from tracepass_contract.contract_tests.tests.target.test_given_limits import DECLARED, HOOK, account_of, deleted, took

PAGE = Path(__file__).resolve().parents[3] / "docs/check-a-deployment.md"
FAILS = [sys.executable, "-S", "-c", "import sys; sys.exit('no such tenant: ' + sys.argv[1])"]
OF_THE_MOCK = """
import json, sys, urllib.request
url, limit, used, left = sys.argv[1:]
body = json.dumps({limit: 1000, used: 1000 - int(left), "overage_supported": True}).encode()
headers = {"Content-Type": "application/json"}
urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PATCH")).close()
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the hooks write what they are told."""
    return tmp_path / "hooks"


def with_quota(log: Path) -> Deployment:
    return replace(DECLARED, hooks=Hooks(set_quota=[*HOOK, str(log), "{slots_left}"]))


def test_a_hook_is_told_all_placeholders(log: Path) -> None:
    said = "{writes_left} {slots_left} {workspace} {api_key_env} {now} {other}"
    given = replace(DECLARED, workspace="tenant-7", hooks=Hooks(set_budget=[*HOOK, str(log), said]))
    now = clock.utc_now()

    hooks_module.Hooks(given).run("set_budget", now=now, writes_left=3, slots_left=None)

    assert log.read_text() == f"3  tenant-7 TRACEPASS_CHECK_API_KEY {now.isoformat()} {{other}}\n"
    assert all(f"{{{name}}}" in said for name in PLACEHOLDERS)


def test_the_hook_sets_the_quota(log: Path) -> None:
    """It may have been uncertain before; then it is what was set, minus what the run takes from then on."""
    account = account_of(with_quota(log))
    took(account, writes=10, slots=10)
    account.session.purse.settle(Price(), Price(), of="main", unsure=Price(slots=3))
    deleted(account)

    account.has(slots_left=2)

    assert log.read_text() == "2\n"
    assert (account.limits.slots_expected, account.limits.slots_most) == (2, 2)
    [last] = [each for each in account.session.events if isinstance(each, Given)][-1:]
    assert last.slots_left == 2
    took(account, writes=1, slots=1)
    deleted(account)
    assert (account.limits.slots_expected, account.limits.slots_most) == (1, 2)


def test_the_hook_fills_the_quota_up_where_a_test_needs_more(log: Path) -> None:
    account = account_of(with_quota(log))
    took(account, writes=38, slots=38)

    account.check_room(Price(2, 2), is_last=False)

    assert log.read_text() == "40\n"
    assert account.limits.slots_expected == 40
    with pytest.raises(Untested, match="51 free passports"):
        account.check_room(Price(50, 50), is_last=False)


def test_hooks_fill_up_what_the_test_before_has_used(log: Path) -> None:
    """A test of the quota sets only the quota, and a test of the budget only the budget."""
    both = Hooks([*HOOK, str(log), "writes {writes_left}"], [*HOOK, str(log), "slots {slots_left}"])
    account = account_of(replace(DECLARED, hooks=both))
    account.has(writes_left=1, slots_left=0)
    log.unlink()

    account.refill(Price(1))
    assert log.read_text() == "slots 40\n"
    account.refill(Price(2))
    account.refill(Price(2))

    assert log.read_text() == "slots 40\nwrites 500\n"
    assert (account.limits.writes_expected, account.limits.slots_expected) == (500, 40)


def test_nothing_is_filled_up_without_hooks() -> None:
    account = account_of(DECLARED)
    took(account, writes=118, slots=40)

    account.refill(Price(5))

    assert (account.limits.writes_expected, account.limits.slots_expected) == (2, 0)


def test_a_lost_call_does_not_matter_once_the_hook_sets_the_quota(log: Path) -> None:
    """What it took of the budget stays uncertain: that has no hook."""
    account = account_of(with_quota(log))
    now = clock.utc_now()
    account.session.events.append(Exchange(1, "main", "k", "POST", "/", now, lost=Lost.TIMEOUT))

    account.has(slots_left=2)

    with pytest.raises(Inconclusive, match="lost answer"):
        account.has(writes_left=2)


def test_a_hook_that_fails_says_why(log: Path) -> None:
    account = account_of(replace(with_quota(log), hooks=Hooks(set_quota=[*FAILS, "{slots_left}"])))

    with pytest.raises(Inconclusive, match=r"the hook set_quota ended with 1: .* said no such tenant: 2"):
        account.has(slots_left=2)


def test_hooks_are_tried_with_what_is_declared(log: Path) -> None:
    all_three = {name: [*HOOK, str(log), f"{{{own}}}"] for name, own in OWN_PLACEHOLDER.items()}
    now = clock.utc_now()

    hooks_module.Hooks(replace(DECLARED, hooks=Hooks(**all_three))).try_all(now)

    assert log.read_text().split() == ["120", "40", now.isoformat()]


@pytest.mark.parametrize("name", OWN_PLACEHOLDER)
def test_a_hook_that_fails_is_found_before_anything_is_sent(tmp_path: Path, name: str) -> None:
    """Nobody is at the address, which would be exit code 3. The key is in no message."""
    file = tmp_path / "deployment.toml"
    command = [*FAILS, f"tp_secret_key {{{OWN_PLACEHOLDER[name]}}}"]
    file.write_text(f'base_url = "http://127.0.0.1:9"\n[hooks]\n{name} = {command!r}\n')

    done = at_once("run", "--deployment", str(file), "--no-control-plane", TRACEPASS_CHECK_API_KEY="tp_secret_key")

    assert done.code == 2
    assert f"the hook {name} ended with 1" in done.stderr
    assert "no such tenant: [redacted]" in done.stderr
    assert "tp_secret_key" not in done.stderr


def test_a_run_with_both_hooks_tests_budget_and_quota(tmp_path: Path) -> None:
    """Against a mock whose control plane the suite does not use; the hooks do, as an operator's own tool would. Without
    `set_quota`, 200 free passports are too many for a check to use up, and both rules are unproven.
    """
    with forked_mock() as url:
        at = f"{url}/_mock/workspaces/unlimited"
        script = [sys.executable, "-S", "-c", OF_THE_MOCK, at]
        budget = [*script, "writes_per_day", "writes_used", "{writes_left}"]
        quota = [*script, "passports_included", "passports_used", "{slots_left}"]
        file = tmp_path / "deployment.toml"
        file.write_text(
            f'base_url = "{url}"\nproduct_id = "6650a1b2c3d4e5f6a7b8d008"\ngtin = "09506000140087"\n'
            "writes_left = 300\nslots_left = 200\noverage_supported = true\n"
            f"[hooks]\nset_budget = {_toml(budget)}\nset_quota = {_toml(quota)}\n"
        )
        limits = ("--max-writes", "2500", "--max-slots", "700", "--no-control-plane", "--rule", "quota", "--json")
        done = check("run", "--deployment", str(file), *limits, TRACEPASS_CHECK_API_KEY="tp_mock_unlimited")

    assert done.violated() == {}, done.stderr
    [found] = [rule["checks"] for rule in done.result["rules"] if rule["id"] == "quota.asks-for-consent"]
    assert (found["decisive_ran"], found["decisive_of"]) == (1, 1)
    proven = {rule for rule, verdict in done.verdicts().items() if verdict == "conforms"}
    assert {"quota.asks-for-consent", "quota.failed-items-take-no-slot"} <= proven


def _toml(arguments: list[str]) -> str:
    return "[" + ", ".join(f"'''{each}'''" for each in arguments) + "]"


def test_the_table_has_the_keys_that_the_file_may_have() -> None:
    own = [each.name for each in fields(Deployment) if each.name not in {"keys", "hooks", "second_workspace"}]
    within = [f"hooks.{each.name}" for each in fields(Hooks)]
    of_second = [f"second_workspace.{each.name}" for each in fields(SecondWorkspace)]

    assert sorted(KEYS) == sorted([*own, *within, *of_second])


def test_the_page_shows_the_table() -> None:
    shown = PAGE.read_text().partition("deployment_keys.py -->\n")[2].partition("\n<!-- end of keys")[0]

    assert shown == as_markdown()


def test_a_hook_whose_program_is_gone_is_named() -> None:
    with pytest.raises(BadDeployment, match="set_quota"):
        hooks_module.Hooks(Deployment(hooks=Hooks(set_quota=["/no/such/program", "{slots_left}"]))).try_all(
            clock.utc_now()
        )
