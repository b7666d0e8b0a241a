"""Whose code a sample of a profile was in. The floor and the mock are made of the same layers, to be compared."""

import re
from collections import Counter
from collections.abc import Mapping

from .profiler import Stacks

OWN = "own code"
REST = "the rest"
_LAYERS = (  # the first pattern that a frame matches, from the innermost on
    (f"{OWN}: http", re.compile(r"mockserver/(http|app)\b")),
    (f"{OWN}: semantics", re.compile(r"mockserver/semantics/")),
    (f"{OWN}: state", re.compile(r"mockserver/(state|clock)\b")),
    (f"{OWN}: log and the rest", re.compile(r"mockserver/|tracepass_contract/")),
    (OWN, re.compile(r"benchmarks/servers/")),
    ("Connexion", re.compile(r"[(/]connexion/")),
    ("Starlette", re.compile(r"[(/](starlette|anyio)/")),
    ("uvicorn", re.compile(r"[(/]uvicorn/")),
    ("event loop and sockets", re.compile(r"asyncio/|uvloop")),
)


def shares(stacks: Stacks) -> dict[str, float]:
    """Of all samples. What a library does that is no layer counts for the layer that called it."""
    times: Counter[str] = Counter()
    for stack, count in stacks.items():
        times[layer_of(stack)] += count
    whole = sum(times.values())
    return {layer: count / whole for layer, count in times.most_common()}


def layer_of(stack: tuple[str, ...]) -> str:
    for frame in reversed(stack):
        for layer, pattern in _LAYERS:
            if pattern.search(frame):
                return layer
    return REST


def whole(layer: str) -> str:
    """The layer that this one is a part of, or itself."""
    return layer.partition(":")[0]


def of_layer(costs: Mapping[str, float], layer: str) -> float:
    """With the parts that it is divided into."""
    return sum(cost for name, cost in costs.items() if layer in (name, whole(name)))
