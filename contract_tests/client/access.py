"""How a deployment is reached: the headers that its gateway wants, certificates, a rate."""

import ssl
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock

import httpx

from ..model import clock

# The suite sets these itself, or they belong to one connection.
RESERVED_HEADERS = frozenset(
    {"authorization", "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection"}
    | {"idempotency-key", "accept", "accept-encoding", "expect", "upgrade", "te", "trailer", "keep-alive"}
)

_SCHEMES = frozenset({"bearer", "basic", "digest", "token", "apikey", "negotiate"})
_SECRET_LEAST = 6  # characters


@dataclass(frozen=True, slots=True)
class Access:
    """`headers` go with each request. `ca_file` is trusted beside the usual authorities; `is_insecure` trusts any
    certificate. `client_key` is None where `client_cert` has the key, too.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: Path | None = None
    is_insecure: bool = False
    client_cert: Path | None = None
    client_key: Path | None = None
    requests_per_second: float | None = None

    def trusted(self) -> ssl.SSLContext:
        """Raises `OSError` where a file is not what it should be."""
        return _trusted(self.ca_file, self.client_cert, self.client_key, is_insecure=self.is_insecure)

    @property
    def secrets(self) -> list[str]:
        """What no report may show. A short value such as `1` is no secret: to hide it would change the answers."""
        found = (secret for value in self.headers.values() for secret in _secrets_in(value))
        return [secret for secret in found if len(secret) >= _SECRET_LEAST]


ANYWHERE = Access()


def _secrets_in(value: str) -> Iterator[str]:
    """The value, what follows `Bearer` or the like, and the password in a `Basic`."""
    yield value
    scheme, _, rest = value.partition(" ")
    if rest and scheme.lower() in _SCHEMES:
        yield rest.strip()
    if scheme.lower() == "basic":
        with suppress(NotBase64, UnicodeDecodeError):
            yield b64decode(rest, validate=True).decode().partition(":")[2]


@cache
def _trusted(
    ca_file: Path | None, client_cert: Path | None, client_key: Path | None, *, is_insecure: bool
) -> ssl.SSLContext:
    """Made once, because it takes longer than the rest of a new connection."""
    context = httpx.create_ssl_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    if is_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client_cert is not None:
        context.load_cert_chain(client_cert, client_key, password="")  # else it asks on the terminal
    return context


class Pace:
    """Lets requests pass at a rate; None: at once."""

    def __init__(self, per_second: float | None) -> None:
        self._seconds = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = Lock()

    def wait(self) -> None:
        if not self._seconds and not self._next:
            return
        with self._lock:
            now = clock.monotonic()
            at = max(now, self._next)
            self._next = at + self._seconds
        if at > now:
            clock.sleep(at - now)

    def pause(self, seconds: float) -> None:
        """No request passes for so long."""
        with self._lock:
            self._next = max(self._next, clock.monotonic() + seconds)
