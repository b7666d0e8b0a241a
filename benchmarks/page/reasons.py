"""Why a target is missed. The page shows the reason of those that its run missed, and of no other.

The reasons that are functions read the run's own figures, so that they are true of it. What only somebody can know who
looked for it is a sentence of `FOUND_OUT`, by the id of the target: write it after the run that missed it, and
`python -m benchmarks page` shows it. Delete it when its cause is gone.
"""

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from ..measures.layers import of_layer, whole
from ..run.figures import cells_of, middle, paired
from ..subjects.contenders import FLOOR
from .targets import full_store, rows

Data = Mapping[str, Any]
Reason = Callable[[Data], str | None]
RAW_WHERE_TARGETS_WERE_SET = 40_167  # requests/s, batch of 1, eight connections, in the trial that they come from
_COLD = (
    "A new passport is looked up and entered in tables of its pair, its id and its order, which do not fit into the "
    "processor's cache with a million in them. Passports that are counted lie together there; others do not."
)
_GIVEN_UP = (
    "A batch of 1 takes almost a third less of the processor without the journal, the ledger and the log, the list of "
    "the readings that decided, the durations for the metrics, CORS and the check of each answer against the document. "
    "All that would have to be given up, and the floor would still be faster."
)
FOUND_OUT: Mapping[str, str] = {
    "floor-1": _GIVEN_UP,
    "floor-100": _GIVEN_UP,
    "peers-1": "WireMock sends a fixed answer. It knows no workspace, budget, quota, key or serial number.",
    "suite": (
        "On the page of 26 November, a run sent 1,335 requests. It sends three times as many now, because it tries "
        "each dimension of a rule."
    ),
    "family": "`--rule` runs each test that decides a rule of the family, so that it finds what the whole run finds.",
    "full-writes-per_second": _COLD,
    "full-writes-p99_ms": _COLD,
    "import": (
        "Five sixths of it are the import of Connexion, which brings its test client, httpx with its command line, "
        "requests, jsonschema and, where it finds it, Flask. What the process of the mock leaves out of that, whoever "
        "imports the mock may need (docs/architecture.md)."
    ),
}
NOT_KNOWN = "Why is not known yet."


def of_missed(data: Data) -> dict[str, str]:
    """By target, in the order of the targets."""
    return {row.target: _reason(row.id, data) for row in rows(data) if row.met is False}


def without(data: Data) -> list[str]:
    """The ids of missed targets whose reason is still to be written."""
    return [row.id for row in rows(data) if row.met is False and _reason(row.id, data) == NOT_KNOWN]


def _reason(target_id: str, data: Data) -> str:
    read = READ_OFF.get(target_id)
    sentences = (read(data) if read else None, FOUND_OUT.get(target_id))
    return " ".join(each for each in sentences if each) or NOT_KNOWN


def microseconds(data: Data, contender: str, case: str) -> dict[str, float] | None:
    """What a request costs of the server's processor, by layer; None where there is no profile."""
    profile = data.get("profiles", {}).get(contender, {}).get(case)
    if profile is None:
        return None
    return {layer: share * profile["cpu_us"] for layer, share in profile["layers"].items()}


def _beside_the_floor(items: int) -> Reason:
    def reason(data: Data) -> str | None:
        ours, floor = (microseconds(data, each, str(items)) for each in ("ours", "floor"))
        if ours is None or floor is None:
            return None
        more = {layer: of_layer(ours, layer) - of_layer(floor, layer) for layer in map(whole, ours | floor)}
        parts = [f"{us:+.0f} {layer}" for layer, us in sorted(more.items(), key=lambda each: -each[1]) if abs(us) >= 1]
        return (
            f"A batch of {items} costs {sum(ours.values()):.0f} µs of the processor, in the floor "
            f"{sum(floor.values()):.0f} µs. The difference, in µs: {', '.join(parts)}. What the floor leaves out: "
            f"{FLOOR.lacks}."
        )

    return reason


def _beside_connexion(data: Data) -> str | None:
    of_floor = paired(cells_of(data), ("floor", "100"), ("connexion", "100"))
    return None if of_floor is None else f"The floor itself has {of_floor:.2f} times the rate of plain Connexion."


def _both(one: Reason, other: Reason) -> Reason:
    return lambda data: " ".join(filter(None, (one(data), other(data)))) or None


def _other_cases(kind: str, member: str) -> Reason:
    def reason(data: Data) -> str | None:
        factors = sorted(full_store(cells_of(data), kind, member).values())
        return f"That is the worst of {len(factors)} cases; the one in the middle has {median(factors):.2f}."

    return reason


def _as_connexion(data: Data) -> str | None:
    started = data.get("rounds", {}).get("ready", {})
    if not {"ours", "connexion", "raw"} <= started.keys():
        return None
    mock, plain, raw = (started[each]["seconds"] for each in ("ours", "connexion", "raw"))
    return (
        f"In the rounds of this run the mock was ready after {mock:.2f} s, plain Connexion with the same document "
        f"after {plain:.2f} s, and uvicorn with nothing but a constant answer after {raw:.2f} s."
    )


def _of_this_processor(data: Data) -> str | None:
    """Of the machine that the targets in seconds come from one figure is known that is measured here, too."""
    here = middle(cells_of(data), "raw", "1")
    if here is None:
        return None
    return (
        f"The target was set on a processor on which ASGI with a constant answer reached "
        f"{RAW_WHERE_TARGETS_WERE_SET:,} requests/s. Here it reached {here:,.0f}, so that a second there is some "
        f"{RAW_WHERE_TARGETS_WERE_SET / here:.1f} s here."
    )


READ_OFF: Mapping[str, Reason] = {
    "floor-1": _beside_the_floor(1),
    "floor-100": _beside_the_floor(100),
    "connexion-100": _beside_connexion,
    "full-writes-per_second": _other_cases("writes", "per_second"),
    "full-writes-p99_ms": _other_cases("writes", "p99_ms"),
    "ready": _both(_as_connexion, _of_this_processor),
    "import": _of_this_processor,
}
