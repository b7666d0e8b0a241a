"""Why a target is missed. The page shows the reason of those that its run missed, and of no other.

The reasons that are functions read the run's own figures, so that they are true of it. What only somebody can know who
looked for it is a sentence of `FOUND_OUT`, by the id of the target: write it after the run that missed it, and
`python -m benchmarks page` shows it. Delete it when its cause is gone.
"""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.contenders import FLOOR
from benchmarks.figures import cells_of, paired
from benchmarks.layers import of_layer, whole
from benchmarks.targets import rows

Data = Mapping[str, Any]
FOUND_OUT: Mapping[str, str] = {}
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


def _beside_the_floor(items: int) -> Callable[[Data], str | None]:
    def told(data: Data) -> str | None:
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

    return told


def _beside_connexion(data: Data) -> str | None:
    of_floor = paired(cells_of(data), ("floor", "100"), ("connexion", "100"))
    return None if of_floor is None else f"The floor itself has {of_floor:.2f} times the rate of plain Connexion."


READ_OFF: Mapping[str, Callable[[Data], str | None]] = {
    "floor-1": _beside_the_floor(1),
    "floor-100": _beside_the_floor(100),
    "connexion-100": _beside_connexion,
}
