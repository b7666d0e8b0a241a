"""`python -m tracepass_contract.contract_tests.tests.mutation`: write the page; 1 where a survivor has no reason.

Reads what mutmut left in this checkout, or in those that are named. `--new` prints the survivors without a reason, as
entries of explained.yaml.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tracepass_contract.contract_tests.tests.mutation.page import as_page
from tracepass_contract.contract_tests.tests.mutation.results import Fate, Survivor, modules
from tracepass_contract.spec.files import read_yaml

EXPLAINED = Path(__file__).with_name("explained.yaml")
PAGE = Path("docs/mutation.md")

Change = tuple[str, str, str]  # module and function, the lines as they were, and as they became


def main(arguments: Sequence[str]) -> int:
    roots = [Path(each) for each in arguments if not each.startswith("--")] or [Path()]
    found = [module for root in roots for module in modules(root)]
    explained: Mapping[str, Any] = read_yaml(EXPLAINED)
    reasons, known = explained["reasons"], dict(_explanations(explained["survivors"]))
    survivors = [each for module in found for each in module.survivors]
    whys = {each: known[_change(each)] for each in survivors if _change(each) in known}
    unexplained = [each for each in survivors if each not in whys]
    if "--new" in arguments:
        sys.stdout.write(_entries(unexplained))
        return 0
    PAGE.write_text(as_page(found, reasons, whys))
    unsaid = sorted({why for why in whys.values() if why.partition(":")[0] not in reasons})
    is_whole = not any(module.fates.get(Fate.NOT_RUN) for module in found)
    stale = known.keys() - {_change(each) for each in survivors} if is_whole else set()
    problems = [
        *(f"survives without a reason: {each.module}:{each.line} {each.was} => {each.became}" for each in unexplained),
        *(f"is no reason of the list: {why}" for why in unsaid),
        *(f"explained, and killed or gone: {' '.join(change)}" for change in sorted(stale)),
    ]
    print(*problems, f"{PAGE}: {len(survivors)} survivors, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


def _change(survivor: Survivor) -> Change:
    return f"{survivor.module} {survivor.function}", survivor.was, survivor.became


def _explanations(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Change, str]]:
    for entry in entries:
        for was, became in entry["changes"]:
            yield (entry["in"], was, became), entry["why"]


def _entries(survivors: Sequence[Survivor]) -> str:
    grouped: dict[str, list[list[str]]] = {}
    for each in survivors:
        grouped.setdefault(_change(each)[0], []).append([each.was, each.became])
    entries = [{"in": where, "why": "", "changes": changes} for where, changes in grouped.items()]
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=1000)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
