"""What a run with small ceilings says of the checks that it left out, and what each check means for its rule."""

import pytest

from tracepass_contract.contract_tests.client.spend import Price
from tracepass_contract.contract_tests.model.verdicts import Finding, Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run.left_out import LeftOut
from tracepass_contract.contract_tests.run.pytest_run import collect_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.command import Done, check
from tracepass_contract.spec import rules

GIVEN = (
    *("--api-key", "tp_mock_unlimited", "--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087"),
    "--no-control-plane",
)


def test_the_named_ceilings_are_enough_for_the_checks_of_the_rule() -> None:
    """The run took 20 writes. A check of 30 and one of 40 writes were left out, one after the other."""
    left_out = LeftOut()
    left_out.add("large", Price(30, 30), ["--max-writes", "--max-slots"])
    left_out.add("larger", Price(40), ["--max-writes"])
    findings = [Finding("r", Verdict.UNTESTED, name, missing="W") for name in ("large", "larger", "other")]
    of_another_rule = Finding("s", Verdict.UNTESTED, "larger", missing="W")

    found = left_out.told([*findings, of_another_rule], taken=Price(20, 2))

    assert [each.missing for each in found] == [
        "`--max-writes 50`; `--max-slots 32`", "`--max-writes 90`", "W", "`--max-writes 90`",
    ]  # fmt: skip


def test_every_rule_has_a_check_that_decides_it() -> None:
    decided = {rule for each in collect_checks(Run(Settings())) for rule in each.decides}

    assert decided == set(rules())


@pytest.fixture(scope="module")
def small() -> Done:
    """A run that may take a few writes of a workspace without a control plane."""
    with forked_mock() as url:
        return check("run", url, *GIVEN, "--max-writes", "30", "--json")


def test_a_small_run_says_which_rules_it_tested_in_part(small: Done) -> None:
    """No batch of 100 was sent, so "1 to 100" is not shown."""
    [batch] = [each for each in small.result["rules"] if each["id"] == "batch.holds-1-to-100-items"]

    assert batch["verdict"] == "partly tested"
    assert batch["checks"]["ran"] < batch["checks"]["of"]
    assert batch["checks"]["decisive_ran"] < batch["checks"]["decisive_of"]
    assert any("`--max-writes " in need for lack in batch["checks"]["lacking"] for need in lack["needs"])
    assert batch["would_need"]
    assert small.code == 4
    assert small.result["counts"]["partly tested"] >= 5


def test_what_a_small_run_left_out_counts_for_no_rule(small: Done) -> None:
    """A rule conforms only where all checks that decide it ran."""
    for rule in small.result["rules"]:
        if rule["verdict"] == "conforms":
            assert rule["checks"]["decisive_ran"] == rule["checks"]["decisive_of"] > 0


def test_with_the_named_ceilings_the_rule_is_tested(small: Done) -> None:
    """The report of a small run names the ceilings, and a run with these has enough."""
    [batch] = [each for each in small.result["rules"] if each["id"] == "batch.holds-1-to-100-items"]
    needs = {need for lack in batch["checks"]["lacking"] for need in lack["needs"] if need.startswith("`--")}
    most = dict.fromkeys(("--max-writes", "--max-slots"), "0")
    for option, number in (need.strip("`").split() for need in needs):
        most[option] = max(most[option], number, key=int)

    with forked_mock() as url:
        done = check("run", url, *GIVEN, *(part for pair in most.items() for part in pair), "--json")

    assert done.verdicts()["batch.holds-1-to-100-items"] == "conforms"
