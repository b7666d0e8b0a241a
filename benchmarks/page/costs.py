"""The part of the page that shows what a request costs, and where."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..measures.layers import of_layer, whole
from ..run.attempts import failure_of
from ..subjects.cases import BY_ID
from .reasons import microseconds
from .tables import share, table

Data = Mapping[str, Any]
_COSTS = """The processor time of a request, in microseconds, with eight connections: the time that the process used,
divided by the number of requests, and shared among the layers as py-spy's samples are. A library without a row counts
for the code that called it."""
_LEFT = """The time of the mock in each Python function itself. Code in C or Rust counts for the function that calls it.
`Runner.run` is the event loop, which also reads and writes the sockets. Only the entries under `mockserver/` can be
made faster here; the others belong to uvicorn, Starlette and Connexion."""


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
