"""The part of the page that shows what a request costs, and where."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..measures.layers import of_layer, whole
from ..run.attempts import failure_of
from ..subjects.cases import BY_ID
from .reasons import microseconds
from .tables import share, table

Data = Mapping[str, Any]
_COSTS = """What a request costs of the processor, in microseconds, under the load of eight connections: the time that
the process used, by the requests that it answered, divided as py-spy's samples are. What a library does that has no
row counts for the one that called it."""
_LEFT = """Self time of the mock, in Python frames: what a library in C or Rust does counts for the function that calls
it. `Runner.run` is the event loop itself, with its reading and writing of sockets. What is left to gain is in the
entries under `mockserver/`; those of uvicorn, Starlette and Connexion are the price of being served by them."""


def profiles(found: Data) -> Iterator[str]:
    if not found:
        return
    yield "## Where the time goes"
    for server in ("ours", "floor"):
        if why := failure_of(found.get(server)) or failure_of(found):
            yield f"Not measured ({'the mock' if server == 'ours' else 'the floor'}): {why}"
    columns = [
        (title, case, costs)
        for case in ("1", "100")
        for server, title in (("ours", "the mock"), ("floor", "the floor"))
        if (costs := microseconds({"profiles": found}, server, case)) is not None
    ]
    if columns:
        yield _COSTS
        yield _costs(columns)
    ours = {} if failure_of(found.get("ours")) else found.get("ours", {})
    if ours:
        yield _LEFT
    for case, profile in ours.items():
        yield f"### {BY_ID[case].title.capitalize()}, {profile['samples']:,} samples"
        pairs = zip(profile["functions"], profile["files"], strict=False)
        yield table(
            ("function", "self", "file", "self"),
            [(f"`{name}`", share(part), f"`{file}`", share(of_file)) for (name, part), (file, of_file) in pairs],
        )


def _costs(columns: list[tuple[str, str, dict[str, float]]]) -> str:
    """Whole layers, each followed by what it is divided into."""
    layers = {layer for _, _, costs in columns for layer in costs}
    layers |= {whole(layer) for layer in layers}
    rows = [(layer, *(f"{of_layer(costs, layer):.1f}" for _, _, costs in columns)) for layer in sorted(layers)]
    rows.append(("**all**", *(f"{sum(costs.values()):.1f}" for _, _, costs in columns)))
    return table(("layer", *(f"{title}, {BY_ID[case].title}" for title, case, _ in columns)), rows)
