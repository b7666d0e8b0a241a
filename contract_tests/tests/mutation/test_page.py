"""The page of what mutmut found, from results as mutmut leaves them."""

import json
from pathlib import Path

from tracepass_contract.contract_tests.tests.mutation.page import as_page
from tracepass_contract.contract_tests.tests.mutation.results import PACKAGE, Fate, Survivor, modules

SOURCE = "LIMIT = 1\n\n\ndef few(count: int) -> bool:\n    return count < LIMIT\n"
MUTATED = (
    "LIMIT = 1\n\ndef x_few__mutmut_orig(count: int) -> bool:\n    return count < LIMIT\n"
    "def x_few__mutmut_1(count: int) -> bool:\n    return count <= LIMIT\n"
)
SURVIVOR = Survivor("oracle/a.py", 5, "few", "return count < LIMIT", "return count <= LIMIT")


def results(root: Path, code: int | None) -> Path:
    mutated = root / "mutants" / PACKAGE / "oracle" / "a.py"
    source = root / PACKAGE / "oracle" / "a.py"
    for path, text in (
        (source, SOURCE),
        (mutated, MUTATED),
        (mutated.with_suffix(".py.meta"), json.dumps({"exit_code_by_key": {"p.oracle.a.x_few__mutmut_1": code}})),
        (
            mutated.with_suffix(".py.spans"),
            json.dumps({"spans": {"x_few__mutmut_orig": [3, 4], "x_few__mutmut_1": [5, 6]}}),
        ),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_survivor_is_reported_by_its_line_and_its_change(tmp_path: Path) -> None:
    (module,) = modules(results(tmp_path, 0))

    assert (module.name, module.fates, module.survivors) == ("oracle/a.py", {Fate.SURVIVED: 1}, [SURVIVOR])


def test_only_what_no_test_noticed_survives(tmp_path: Path) -> None:
    fates = {1: Fate.KILLED, 36: Fate.TIMEOUT, None: Fate.NOT_RUN}
    for code, fate in fates.items():
        (module,) = modules(results(tmp_path, code))
        assert (module.fates, module.survivors) == ({fate: 1}, [])

    (untested,) = modules(results(tmp_path, 33))
    assert (untested.fates, untested.survivors) == ({Fate.NO_TESTS: 1}, [SURVIVOR])


def test_the_page_has_each_module_and_each_survivor_with_its_reason(tmp_path: Path) -> None:
    page = as_page(list(modules(results(tmp_path, 0))), {"open": "no test yet"}, {SURVIVOR: "open"})

    assert "| `oracle/a.py` | 1 |  |  | 1 |  |  |" in page
    assert "| open | 1 | no test yet |" in page
    assert "| `oracle/a.py:5` | `few` | `return count < LIMIT` → `return count <= LIMIT` | open |" in page
