"""The matrix as a page, made from its data only: figures, then problems, then tables."""

from collections.abc import Iterator, Sequence

from ..levels import STOCK
from ..proof import PRICES
from .markdown import Data, counted, middle_and_most, table
from .tables import (
    baselines,
    fault_by_fault,
    found_by_stock,
    has_stock,
    levels,
    not_seeded,
    profiles,
    unlike,
)
from .troubles import alarms, broken, masked, survivors

_SEVERITIES = {
    "M": "of those that violate the batch page (M)",
    "D": "of those that violate another page of the vendor (D)",
    "N": "of those that violate general practice (N)",
}


def as_page(data: Data) -> str:
    if data["matrix"]:
        tables = [masked(data), levels(data), baselines(data), fault_by_fault(data), profiles(data), not_seeded()]
        parts = [_head(data), _figures(data), survivors(data), broken(data), alarms(data), *tables]
    else:
        parts = [_head_of_variants(data), _figures(data), broken(data), alarms(data)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(data: Data) -> str:
    return (
        f"# The kill matrix\n\n{_note(data)}"
        "This page shows how many mutants the directed tests find. A mutant is the mock with one fault. It is\n"
        "*killed* when a check reports its rule, or another rule that the mutant declares: under every profile (its\n"
        "readings), and under the first profile with every seed. A report of any other rule is no kill. A finding\n"
        "against a server that fails by its own mistake does not count.\n\n"
        "`make matrix` (`tracepass-check mutants`) writes this page. `kill-matrix.json` has its data."
    )


def _head_of_variants(data: Data) -> str:
    return (
        f"# Conforming variants\n\n{_note(data)}"
        "This page shows whether the directed tests raise false alarms. A conforming variant is the mock with a\n"
        "difference that no rule forbids: another answer to a reading, or another behaviour of HTTP or the network.\n"
        "Each runs alone, then in pairs, then at random, with more and with less that the tests know of the server.\n\n"
        "`make conforming` (`tracepass-check mutants --no-faults`) writes this page. `conforming.json` has its data."
    )


def _note(data: Data) -> str:
    return f"> {data['note']}\n\n" if data.get("note") else ""


def _figures(data: Data) -> str:
    rows = data["matrix"]
    figures: list[tuple[str, object]] = []
    if rows:
        figures += [
            ("**faults killed**", f"**{killed_of(rows)}**"),
            *((text, killed_of(of)) for letter, text in _SEVERITIES.items() if (of := _of_severity(rows, letter))),
            ("fault under a profile, killed", f"{sum(is_killed(row) for row in rows)} of {len(rows)}"),
            ("seeds", ", ".join(map(str, data["seeds"]))),
        ]
    if data["variants"]["runs"]:
        text = f"{len(data['variants']['alarms'])} of {data['variants']['runs']} runs"
        figures.append(("**false alarms** on conforming variants", f"**{text}**"))
    if data["masked"]["runs"]:
        lost = len(data["masked"]["survived"])
        figures.append(
            ("killed behind conforming variants", f"{data['masked']['runs'] - lost} of {data['masked']['runs']} runs")
        )
    figures += _other_methods(data)
    for member in PRICES:
        middle, most = middle_and_most([price for row in rows for price in row[member]])
        if middle != "-":
            figures.append((f"{member} to the kill", f"median {middle:.0f}, maximum {most:.0f}"))
    if data["minutes"]:
        figures.append(("time of the whole matrix", f"{data['minutes']:.0f} minutes"))
    if data["broken"]:
        figures.append(("**broken servers**", f"**{counted(len(data['broken']), 'run')}**"))
    if data["code"]:
        figures.append(("state of the code", f"`{data['code']}`"))
    return table(("", ""), figures)


def _other_methods(data: Data) -> Iterator[tuple[str, str]]:
    faults = len({row["fault"] for row in data["matrix"]})
    if data["levels"] and faults:
        yield "found by schema and status only", f"{len(unlike(data))} of {faults}"
        if has_stock(data):
            yield f"found by {STOCK}, all checks and phases", f"{len(found_by_stock(data))} of {faults}"


def is_killed(row: Data) -> bool:
    return bool(row["outcome"] == "killed")


def killed_of(rows: Sequence[Data]) -> str:
    every = {row["fault"] for row in rows}
    lost = {row["fault"] for row in rows if not is_killed(row)}
    return f"{len(every - lost)} of {len(every)}"


def _of_severity(rows: Sequence[Data], letter: str) -> Sequence[Data]:
    return [row for row in rows if row["severity"] == letter]
