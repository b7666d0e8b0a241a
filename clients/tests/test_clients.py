"""The clients, linters and generators that a machine with Python, Node, curl, Chromium and Java can run."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from clients import generators, matrix
from clients.page import page
from clients.programs import INSTALLED, Program, programs
from clients.scenarios import SCENARIOS
from tracepass_contract.mockserver.testing import MockServer

IDLE_SECONDS = 6  # longer than many servers keep a connection
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
INSTALLED_BY_MAKE = pytest.mark.skipif(not (INSTALLED / "done").exists(), reason="needs make clients/.installed/done")
PROGRAMS = [each for each in programs() if each.runs_in_ci]
TOOLS = [each for each in generators.TOOLS if each.name != "schemathesis"]  # it has tests of its own


@pytest.fixture(scope="module")
def clients() -> Mapping[str, matrix.Row]:
    return {row.name: row for row in matrix.rows(PROGRAMS, IDLE_SECONDS, print)}


@pytest.fixture(scope="module")
def tools() -> Mapping[str, matrix.Row]:
    return {row.name: row for row in generators.rows(TOOLS, print)}


@INSTALLED_BY_MAKE
@pytest.mark.parametrize(
    "program", [pytest.param(each, marks=pytest.mark.tool(*each.needs), id=each.name) for each in PROGRAMS]
)
def test_a_client_in_its_default_settings_gets_through_each_scenario(
    clients: Mapping[str, matrix.Row], program: Program
) -> None:
    row = clients[program.name]

    assert set(row.cells) == set(SCENARIOS)
    assert not row.failures()


@INSTALLED_BY_MAKE
@pytest.mark.tool("node")
@pytest.mark.parametrize("tool", TOOLS, ids=[each.name for each in TOOLS])
def test_a_tool_reads_the_documents_without_an_error_and_makes_a_client_that_works(
    tools: Mapping[str, matrix.Row], tool: generators.Tool
) -> None:
    assert not tools[tool.name].failures()


@pytest.mark.tool("node")
def test_the_example_of_the_readme_runs_in_node(tmp_path: Path) -> None:
    program = README.partition("```js\n")[2].partition("```")[0]
    (tmp_path / "example.mjs").write_text(program, encoding="utf-8")
    with MockServer() as mock:
        environment = {**os.environ, "TRACEPASS_BASE_URL": mock.base_url}
        said = subprocess.check_output(["node", "example.mjs"], cwd=tmp_path, env=environment, text=True)

    assert said == "200 { created: 1, errors: 0, total: 1 }\n"


def test_the_readme_names_the_flags_for_stock_schemathesis() -> None:
    assert " ".join(generators.STOCK_SCHEMATHESIS) in README


def test_a_cell_that_differs_is_a_failure() -> None:
    row = matrix.Row("curl", "7", {"replay": "differs: no", "gzip": "yes; retries by itself", "402": "-"})

    assert row.failures() == {"replay": "differs: no"}


def test_the_page_has_a_line_for_each_client_and_says_what_was_not_run() -> None:
    yes = dict.fromkeys(SCENARIOS, "yes")
    rows = [matrix.Row("curl", "curl 7.88", yes), matrix.Row("Go", "not run: go is missing", {})]

    lines = page(rows, [], 80).splitlines()

    assert f"| curl | curl 7.88 {'| yes ' * len(SCENARIOS)}|" in lines
    assert f"| Go | not run: go is missing {'|  ' * len(SCENARIOS)}|" in lines


def test_the_committed_page_is_of_a_run_in_which_nothing_failed() -> None:
    text = (Path(__file__).parents[2] / "docs" / "compatibility.md").read_text(encoding="utf-8")

    assert "differs:" not in text
    names = [*(each.name for each in programs()), *(each.name for each in generators.TOOLS)]
    assert all(f"| {name} |" in text for name in names)
