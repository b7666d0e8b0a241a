"""Calls as a script for a POSIX shell. It sends the same bytes, with the keys from the environment."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..model.history import ClockMoved, Event, Exchange, Given
from ..model.redaction import REDACTED, Redactor

KEY_VARIABLE = "TRACEPASS_API_KEY"
ARGUMENT_BYTES_MAX = 100_000  # Linux takes 128 KiB for one argument

_OF_THE_CONNECTION = {
    *("accept-encoding", "authorization", "connection", "content-length", "host", "keep-alive", "transfer-encoding"),
    *("proxy-authorization", "te", "trailer", "upgrade", "user-agent", "expect"),
}
_KEYLESS = {"", "none"}


def script(events: Iterable[Event], redactor: Redactor, *, title: str = "") -> str:
    """The calls in order, those of a race in parallel. Comments say what was known and when a clock moved."""
    events = list(events)
    variables = key_variables(events)
    parts = ["\n".join(_head(events, variables, redactor, title))]
    for race, group in groupby(events, key=lambda event: event.parallel if isinstance(event, Exchange) else None):
        commands = [_event_line(event, variables, redactor, background=race is not None) for event in group]
        parts += [*commands, "wait"] if race is not None else commands
    return "\n\n".join(parts) + "\n"


def command(exchange: Exchange, redactor: Redactor, variable: str | None = KEY_VARIABLE) -> str:
    """One call. `variable` holds the key; None sends no key."""
    arguments = ["curl -sS -i", *_flags(exchange.path), *_method(exchange)]
    arguments.append(f'"$TRACEPASS_BASE_URL"{quoted(redactor.text(exchange.path))}')
    lines = [" ".join(arguments), *_headers(exchange, redactor, variable)]
    body = redactor.body(exchange.body) if exchange.body is not None else None
    if body is None:
        return " \\\n  ".join(lines)
    if (text := _text(body)) is not None:
        return " \\\n  ".join([*lines, f"--data-raw {quoted(text)}"])
    encoded = base64.encodebytes(body).decode()
    sent = " \\\n  ".join([*lines, "--data-binary @-"])
    return f"base64 -d <<'END' |\n{encoded}END\n{sent}"


def key_variables(events: Iterable[Event]) -> dict[str, str]:
    """The variable for each API key: `TRACEPASS_API_KEY`, then `TRACEPASS_API_KEY_2` and so on."""
    names = dict.fromkeys(event.credential for event in events if isinstance(event, Exchange) and _has_key(event))
    return {name: KEY_VARIABLE + (f"_{index}" if index > 1 else "") for index, name in enumerate(names, 1)}


def quoted(text: str) -> str:
    """One word for the shell, whatever is in it."""
    return "'" + text.replace("'", "'\\''") + "'"


def _has_key(exchange: Exchange) -> bool:
    return exchange.workspace is not None and exchange.credential not in _KEYLESS


def _head(events: Sequence[Event], variables: dict[str, str], redactor: Redactor, title: str) -> Iterator[str]:
    yield "#!/bin/sh"
    if title:
        yield _comment(title, redactor)
    yield "# Serial numbers and idempotency keys are those of the run. Replace them before you run this again."
    yield "set -u"
    yield ': "${TRACEPASS_BASE_URL:?the URL of the deployment, without /api/v1}"'
    for credential, variable in variables.items():
        workspace = next(e.workspace for e in events if isinstance(e, Exchange) and e.credential == credential)
        yield _comment(f"API key {credential} of workspace {workspace}:", redactor)
        yield f': "${{{variable}:?an API key}}"'


def _event_line(event: Event, variables: dict[str, str], redactor: Redactor, *, background: bool) -> str:
    match event:
        case Exchange():
            said = _comment(f"{event.number}. {event.purpose or event.path}: {outcome(event)}", redactor)
            call = command(event, redactor, variables.get(event.credential) if _has_key(event) else None)
            return f"{said}\n{{ {call}; echo; }} &" if background else f"{said}\n{call}\necho"
        case Given():
            return _comment(f"Workspace {event.workspace}: {known(event)}", redactor)
        case ClockMoved():
            return _comment(f"The clock of workspace {event.workspace} was set to {event.to.isoformat()}.", redactor)


def outcome(exchange: Exchange) -> str:
    """The status of a call, or why there is none."""
    if exchange.status is not None:
        return f"answered {exchange.status}" + (f", then {exchange.lost}" if exchange.lost else "")
    return f"no answer ({exchange.lost or 'unknown'}{f': {exchange.detail}' if exchange.detail else ''})"


def known(given: Given) -> str:
    facts = {
        "product": given.product_id,
        "GTIN": given.gtin,
        "writes a day": "unlimited" if given.unlimited_writes else given.writes_per_day,
        "writes left": given.writes_left,
        "slots left": "unlimited" if given.unlimited_slots else given.slots_left,
        "overage": {True: "offered", False: "not offered", None: None}[given.overage_supported],
    }
    return ", ".join(f"{name} {fact}" for name, fact in facts.items() if fact is not None) or "nothing is known"


def _comment(text: str, redactor: Redactor) -> str:
    return "# " + " ".join("".join(c if c.isprintable() else " " for c in redactor.text(text)).split())


def _flags(path: str) -> Iterator[str]:
    if set(path) & set("[]{}"):
        yield "--globoff"
    if "/." in path:
        yield "--path-as-is"


def _method(exchange: Exchange) -> Iterator[str]:
    if exchange.method == "HEAD":
        yield "--head"
    elif exchange.method != ("GET" if exchange.body is None else "POST"):
        yield f"-X {quoted(exchange.method)}"


def _headers(exchange: Exchange, redactor: Redactor, variable: str | None) -> Iterator[str]:
    if variable:
        yield f'-H "Authorization: Bearer ${variable}"'
    elif sent := next((value for name, value in exchange.headers.items() if name.lower() == "authorization"), None):
        yield f"-H {quoted('Authorization: ' + redactor.header('Authorization', sent))}"
    elif exchange.credential not in _KEYLESS:
        yield f"-H {quoted(f'Authorization: Bearer {REDACTED}')}"
    for name, value in exchange.headers.items():
        if name.lower() not in _OF_THE_CONNECTION:
            yield f"-H {quoted(f'{name}: {redactor.header(name, value)}' if value else f'{name};')}"
    if exchange.body is not None and not any(name.lower() == "content-type" for name in exchange.headers):
        yield "-H 'Content-Type:'"  # else curl sends the type of a form


def _text(body: bytes) -> str | None:
    """The body as text that is safe in a shell, a page and a clipboard; None where it needs base64."""
    if len(body) > ARGUMENT_BYTES_MAX:
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\n\t" for c in text) else None
