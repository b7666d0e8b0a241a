"""docs/oracle.md is true, and the oracle knows every rule."""

import re
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.judging import oracle
from tracepass_contract.contract_tests.judging.oracle.ledger import ways_to_count
from tracepass_contract.contract_tests.run.pytest_run import collect_checks
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.spec import readings, rules

HERE = Path(oracle.__file__).resolve().parent
PAGE = (HERE.parents[2] / "docs/oracle.md").read_text()
SOURCE = "".join(module.read_text() for module in HERE.rglob("*.py"))


@pytest.mark.parametrize("program", re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL))
def test_the_page_s_program_runs(program: str) -> None:
    exec(compile(program, "docs/oracle.md", "exec"), {})


def test_what_the_page_names_is_there() -> None:
    there = {module.relative_to(HERE).as_posix() for module in HERE.rglob("*.py")}

    assert set(re.findall(r"`([\w/]+\.py)`", PAGE)) <= there
    named = set(re.findall(r"`ways_to_count\.(\w+)`", PAGE))
    assert named == {"permitted", "PLAIN", "UNUSUAL", "TELLING"}
    assert all(hasattr(ways_to_count, name) for name in named)


def test_every_rule_is_judged() -> None:
    """The rules of the batch. The related endpoints and the announcements of headers have directed tests only."""
    related, announced = {"calls", "passports", "products", "reads"}, "limits.announced-is-true"
    of_the_batch = [rule.id for rule in rules().values() if rule.family not in related and rule.id != announced]

    assert [rule for rule in of_the_batch if f'"{rule}"' not in SOURCE] == []
    assert rules().keys() == {rule for check in collect_checks(Run(Settings())) for rule in check.rules}


def test_only_rules_and_readings_of_the_documents_are_named() -> None:
    families = {rule.partition(".")[0] for rule in rules()}
    named = {word for word in re.findall(r'"([a-z]+\.[a-z0-9-]+)"', SOURCE) if word.partition(".")[0] in families}

    assert named <= rules().keys() | readings().keys()
