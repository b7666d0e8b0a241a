"""docs/compatibility.md."""

from collections.abc import Mapping, Sequence

from . import generators
from .matrix import Row
from .scenarios import SCENARIOS

_HEAD = """# Clients that have met the mock

`make clients` runs each client below against the mock and writes this page. The clients have their default settings.
Only their base URL and their key are those of the mock. The programs are in [clients/programs](../clients/programs).
Packages of npm and Python are pinned in [package-lock.json](../clients/package-lock.json) and
[requirements.txt](../clients/requirements.txt); the others come from Debian.

## Clients

| | what happens |
|---|---|
{scenarios}

`yes`: the client got what the scenario says. Each client has a mock of its own, and calls it as `localhost`.

{clients}

The page in Chromium has another origin than the mock:

![the calls of a page and what it reads of their answers](compatibility.png)

Some clients try again by themselves when a kept connection ends: Go's `net/http` for a call with an `Idempotency-Key`,
libcurl for each call. Apache HttpClient 5 waits for the time of `Retry-After` and sends a refused call once more. The
write budget renews at 00:00 UTC, so it can wait for hours: set its retry strategy.

## Linters, validators and generators

They read `/openapi.json` of a running mock, and `spec/control.yaml`. Tools that read files only get a copy. `yes`: the
tool found no error. In the last column, what it generated compiles, creates a batch, is refused with 402, and accepts
the charge. The collection for Postman keeps its own base URL.

{tools}

swagger-parser and datamodel-code-generator refuse addresses of this machine unless an option allows them
(`safeUrlResolver: false`, `--allow-private-network`). Schemathesis runs with the flags of the [README](../README.md).
"""
_SHORT = {
    "page's batch": "the sample of the vendor's page: two items are created, one fails",
    "replay": "the same call with the same key gets the same bytes",
    "402, consent": "the quota is full; the same call with `confirmOverage` is accepted",
    "429, Retry-After": "the write budget is too small, and the client reads how long to wait",
    "lost answer, same key": "the answer is lost after the commit; the call with the same key is not executed again",
    "idle connection": "another call after {idle:g} seconds of silence (curl: at once, in another process)",
    "100 items": "the largest batch",
    "gzip": "a body with `Content-Encoding: gzip`",
    "early 413, 401, 404": "refusals that are sent before an upload of 3 MB has ended",
}


def page(clients: Sequence[Row], tools: Sequence[Row], idle_seconds: float) -> str:
    meanings = [f"| {name} | {_SHORT[name].format(idle=idle_seconds)} |" for name in SCENARIOS]
    return _HEAD.format(
        scenarios="\n".join(meanings), clients=_table(clients, SCENARIOS), tools=_table(tools, generators.COLUMNS)
    )


def _table(rows: Sequence[Row], columns: Mapping[str, object] | Sequence[str]) -> str:
    names = ["client", "version", *columns]
    lines = [[row.name, row.version, *(row.cells.get(column, "") for column in columns)] for row in rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in (names, ["---"] * len(names), *lines))
