"""The deployment file: what is wrong in it is named, with its place."""

import sys
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.model.outcomes import BadDeployment
from tracepass_contract.contract_tests.target.deployment import load_deployment
from tracepass_contract.contract_tests.tests.helpers.command import at_once


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('base_ulr = "http://x"', 'unknown key "base_ulr". Did you mean "base_url"?'),
        ('[hooks]\nset_bugdet = ["x"]', 'unknown key "hooks.set_bugdet". Did you mean "hooks.set_budget"?'),
        ('writes_left = "many"', "Expected `int"),
        ("writes_left = ", "not valid TOML"),
        ('keys = {a = "b"}', 'unknown key "keys"'),
        ("writes_left = -5", "writes_left must be 0 or more, is -5"),
        ("writes_per_day = -1", "writes_per_day must be 0 or more, is -1"),
        ("slots_left = -1", "slots_left must be 0 or more, is -1"),
        ("overage_price_cents = -150", "overage_price_cents must be 0 or more, is -150"),
        ('gtin = ""', "gtin must not be empty"),
        ('plan = "fre"', 'unknown plan "fre". The plans are free, basic, starter, growth, scale, pro, enterprise'),
        (
            '[hooks]\nset_budget = ["true", "{writes_lft}"]',
            'hooks.set_budget: unknown placeholder "{writes_lft}". Did you mean "{writes_left}"?',
        ),
        ('[hooks]\nset_clock = ["true", "{writes_left}"]', 'hooks.set_clock: needs the placeholder "{now}"'),
        ('[hooks]\nset_quota = ["true", "{slots}"]', 'hooks.set_quota: needs the placeholder "{slots_left}"'),
        ('[hooks]\nset_quota = ["true", "{slots_left}", "{workspace}"]', '"{workspace}" needs the key "workspace"'),
        ("requests_per_second = 0.0", "requests_per_second must be more than 0, is 0.0"),
        ("[headers]\nX = 5", "Expected `str | object`"),
        (
            '[hooks]\nset_budget = ["./no-such-program", "{writes_left}"]',
            'hooks.set_budget: program "./no-such-program" not found, or not executable',
        ),
    ],
)
def test_a_deployment_file_that_is_wrong_says_where(tmp_path: Path, content: str, word: str) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text(content)

    with pytest.raises(BadDeployment) as refused:
        load_deployment(path)

    assert str(path) in str(refused.value)
    assert word in str(refused.value)


def test_a_deployment_file_that_is_right_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text(f"""
        writes_left = 0
        plan = "free"
        [hooks]
        set_budget = ["{sys.executable}", "--to={{writes_left}}"]
        set_clock = ["true", "{{now}}"]
        """)

    assert load_deployment(path).writes_left == 0


def test_a_plan_is_refused_to_a_deployment_file_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text("slots_left = -1\nwrites_left = -5")

    done = at_once("plan", "http://127.0.0.1:9", "--deployment", str(path))

    assert done.code == 2
    assert f"{path}: writes_left must be 0 or more, is -5" in done.stderr
    assert f"{path}: slots_left must be 0 or more, is -1" in done.stderr


def test_a_program_of_a_hook_may_have_braces_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text('[hooks]\nset_budget = ["true", "{print}", "{writes_left}"]')

    assert load_deployment(path).hooks.set_budget == ["true", "{print}", "{writes_left}"]
