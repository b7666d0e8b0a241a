"""The journal and the ledger of a workspace as JSON."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Any

import orjson
from msgspec.structs import asdict

from ...semantics.types.accounts import Account
from ...semantics.types.gs1 import with_right_check_digit
from ...semantics.types.readings import GtinCheckDigit, Readings
from ...state import Workspace
from ...state.journal import Entry, Received, Row
from ..api.batch_json import items_of
from ..api.operations import OPERATIONS
from ..api.reply_bodies import timestamp
from ..call.problems import items_in

Json = dict[str, Any]
_DEFAULTS = Readings().as_answers()
_BATCHES = frozenset({"createPassportBatch", "createProductBatch"})
_READS = frozenset(name for name, operation in OPERATIONS.items() if operation.is_read)
_CHECK_DIGIT = "items.gtin-check-digit"


def journal(workspace: Workspace) -> Json:
    """The calls in short, oldest first, and the number of calls that were dropped."""
    kept = workspace.journal.entries
    operations = {row.entry: row.operation for row in workspace.journal.rows}
    lines = [in_short(entry, operations.get(entry.number, "")) for entry in kept]
    return {"entries": lines, "forgotten": workspace.journal.numbers_given - len(kept)}


def entry_in_full(workspace: Workspace, entry: Entry) -> Json:
    """A call in full: request, response, the checks with their numbers, the balances and the readings."""
    operations = (row.operation for row in workspace.journal.rows if row.entry == entry.number)
    return {
        **in_short(entry, next(operations, "")),
        "request": {
            "method": entry.received.method,
            "path": entry.received.path,
            "headers": _headers(entry.received.headers),
            "body": _text(entry.received.body),
        },
        "response": {
            "status": entry.sent.status,
            "headers": _headers(entry.sent.headers),
            "body": _text(entry.sent.body),
        },
        "because": {
            "checks": [
                {"rule": check.rule, "outcome": check.outcome, "numbers": dict(check.numbers)} for check in entry.checks
            ],
            "rule": entry.checks[-1].rule,
            "readings": {**_DEFAULTS, **entry.readings},
            "consulted": entry.consulted,
        },
        "before": _balances(entry.before),
        "after": _balances(entry.after),
        "warnings": _warnings(entry),
        "curl": curl(entry.received),
    }


def ledger(workspace: Workspace) -> Json:
    """What each call took, how each idempotency key was used, and the totals. Reads are left out of the keys, because
    they do not use them.
    """
    keys: dict[str, Json] = {}
    for row in workspace.journal.rows:
        if row.key is not None and row.operation not in _READS:
            count = keys.setdefault(row.key, {"key": row.key, **dict.fromkeys(_COUNTED.values(), 0)})
            count[_COUNTED[row.outcome]] += 1
    return {
        "totals": asdict(workspace.totals),
        "keys": list(keys.values()),
        "entries": [_row(row) for row in workspace.journal.rows],
    }


def curl(received: Received) -> str:
    """A curl command that repeats the call. It takes the API key from the environment."""
    method = "--head" if received.method == "HEAD" else f"-X {received.method}"
    as_it_is = "-g " if set("[]{}") & set(received.path) else ""
    parts = [f"curl -sS {as_it_is}{method} {quote(f'http://{received.host}{received.path}')}"]
    parts.append('-H "Authorization: Bearer $TRACEPASS_API_KEY"')
    parts += [f"-H {_header(_SHOWN[name], value)}" for name, value in received.headers if name in _SHOWN]
    if not received.body and received.method != "POST":
        return " ".join(parts)
    if not any(name == "content-type" for name, _ in received.headers):
        parts.append("-H 'Content-Type:'")  # else curl sends its own
    if _fits_an_argument(received.body):
        return f"{' '.join(parts)} --data-raw {quote(received.body.decode())}"
    return f"echo {b64encode(received.body).decode()} | base64 -d | {' '.join(parts)} --data-binary @-"


def _fits_an_argument(body: bytes) -> bool:
    """Whether the body can be an argument of a command: text that is not too long."""
    return len(body) <= _ARGUMENT_BYTES_MAX and b"\0" not in body and _text(body).encode() == body


def _header(name: str, value: str) -> str:
    """A header as a word of the shell. To send an empty header, curl needs a semicolon in place of the colon."""
    if not value:
        return quote(f"{name};")
    sent = value.encode("latin-1")  # ASGI decodes headers so
    try:
        return quote(f"{name}: {sent.decode()}")
    except UnicodeDecodeError:
        return f"$'{name}: {''.join(_escaped(byte) for byte in sent)}'"


def _escaped(byte: int) -> str:
    plain = 0x20 <= byte < 0x7F and byte not in b"\\'"
    return chr(byte) if plain else f"\\x{byte:02x}"


_SHOWN = {"content-type": "Content-Type", "idempotency-key": "Idempotency-Key"}
_ARGUMENT_BYTES_MAX = 100_000  # Linux allows 128 KiB for an argument; the shell's `echo` has no limit


_COUNTED = {"executed": "executions", "replayed": "replays", "refused": "refusals", "failed": "failures"}


def in_short(entry: Entry, operation: str) -> Json:
    """A line about a call. `operation` is its operationId, empty if it is not known."""
    return {
        "entry": entry.number,
        "at": timestamp(entry.at),
        "operation": operation,
        "method": entry.received.method,
        "path": entry.received.path,
        "key": entry.received.idempotency_key,
        "status": entry.sent.status,
        "outcome": entry.outcome,
        "rule": entry.checks[-1].rule,
        "fault": None if entry.fault is None else asdict(entry.fault),
        "items": _summary(entry) if operation in _BATCHES else None,
    }


def _summary(entry: Entry) -> Json | None:
    """The counts of a batch: its answer ends with them. A refused batch has none."""
    body = entry.sent.body
    at = body.rfind(b'"summary":')
    return None if at < 0 else orjson.loads(body[at + len(b'"summary":') : -1])


def _warnings(entry: Entry) -> list[Json]:
    """The GTINs and GLNs with a wrong check digit that the readings accept, each at its first place."""
    if entry.outcome != "executed" or entry.readings.get(_CHECK_DIGIT) == GtinCheckDigit.ENFORCED:
        return []
    found: dict[str, Json] = {}
    for where, number in _numbers(orjson.loads(entry.received.body or b"null")):
        right = with_right_check_digit(number)
        if right not in {None, number} and number not in found:
            found[number] = {"where": where, "expected": right, "found": number, "reading": _CHECK_DIGIT}
    return list(found.values())


def _numbers(body: Any) -> Iterator[tuple[str, str]]:
    """The places and values of the GTINs and GLNs in the body of an executed call: a batch, a passport or a party."""
    in_batch = items_in(body, "passports")
    for n, item in enumerate(items_of(in_batch or [body], None)):
        where = f"/passports/{n}" if in_batch else ""
        yield f"{where}/gs1/gtin", item.gtin
        for role, party in (item.parties or {}).items():
            if "gln" in party:
                yield f"{where}/parties/{role}/gln", party["gln"]
    if isinstance(body, dict) and isinstance(body.get("gln"), str):
        yield "/gln", body["gln"]


def _row(row: Row) -> Json:
    return {**asdict(row), "at": timestamp(row.at)}


def _balances(account: Account) -> Json:
    return {
        "writes_used": account.writes_used,
        "writes_left": account.writes_left,
        "reads_used": account.reads_used,
        "reads_left": account.reads_left,
        "passports_used": account.passports_used,
        "passports_left": account.passports_left,
        "overage_count": account.overage_count,
        "overage_cents": account.overage_cents,
    }


def _headers(headers: Sequence[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
