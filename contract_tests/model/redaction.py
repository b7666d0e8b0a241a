"""Redacts secrets. Everything that a run writes goes through a `Redactor` first."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

REDACTED = "[redacted]"
_BEGINNING = 5  # characters: the keys of a run have few beginnings, and most texts have none of them

# These look at any text that a deployment may send: each takes time in proportion to it, whatever it is.
_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"}
_WORDS = (  # with which a sentence goes on after the name of the header
    "a|an|and|are|but|can|cannot|could|does|expected|expects|expired|failed|found|got|has|header|here|incorrect|invalid|is"
    "|it|malformed|may|missing|must|needs|no|none|not|only|or|please|refused|rejected|required|see|send|should|that|the"
    "|there|this|to|unknown|unsupported|use|value|was|were|what|with|without|wrong|you|your"
)
_AFTER_AUTHORIZATION = re.compile(
    rf"""(?P<name>authorization["']?\s*[:=]\s*["']?)
        (?P<scheme>(?:bearer|basic|digest|token|negotiate)\s+)?+(?!\[redacted\])
        (?!(?:{_WORDS})[,;:.]?(?:\s|$))
        [^\s"',;<>&)}}\]\\]+""",
    re.IGNORECASE | re.VERBOSE,
)
_SCHEME = re.compile(r"(bearer|basic|digest|token|negotiate)\s", re.IGNORECASE)
_KEY_OF_THE_API = re.compile(r"(?<![A-Za-z0-9_])tp_[A-Za-z0-9_-]{6,}")
_USER_IN_URL = re.compile(r"(?P<scheme>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}://)[^\s/@\"'<>]{1,500}@", re.IGNORECASE)


class Redactor:
    """Replaces the secrets of a run, and what looks like one: an `Authorization`, a key, a password in a URL.

    It also finds a secret that is percent-encoded, escaped for JSON or HTML, or in base64.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret.strip() for form in spellings(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if forms else None
        self._beginnings = {form[:_BEGINNING] for form in forms}

    def text(self, text: str) -> str:
        """The text without secrets. Half a surrogate pair is escaped, because no file can hold it."""
        return self._without_secrets(text).encode("utf-8", "backslashreplace").decode()

    def _without_secrets(self, text: str) -> str:
        if self._secrets and any(beginning in text for beginning in self._beginnings):
            text = self._secrets.sub(REDACTED, text)
        if "authorization" in text.lower():  # a search for the literal is many times faster than the pattern
            text = _AFTER_AUTHORIZATION.sub(lambda found: f"{found['name']}{found['scheme'] or ''}{REDACTED}", text)
        if "://" in text:
            text = _USER_IN_URL.sub(lambda found: f"{found['scheme']}{REDACTED}@", text)
        return _KEY_OF_THE_API.sub(REDACTED, text)

    def header(self, name: str, value: str) -> str:
        """The value without secrets. The scheme of an `Authorization` stays, since a rule may be about it."""
        if name.lower() not in _SECRET_HEADERS:
            return self.text(value)
        scheme = _SCHEME.match(value)
        return f"{scheme[0]}{REDACTED}" if scheme else REDACTED

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {self.text(name): self.header(name, value) for name, value in headers.items()}

    def body(self, content: bytes) -> bytes:
        """The body without secrets, else unchanged byte for byte."""
        text = content.decode("utf-8", "surrogateescape")
        return self._without_secrets(text).encode("utf-8", "surrogateescape")

    def value(self, value: Any) -> Any:
        """A JSON value with all texts redacted, names of members too."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {
                    self.text(str(name)): self.header(str(name), member)
                    if isinstance(member, str)
                    else self.value(member)
                    for name, member in value.items()
                }
            case list() | tuple():
                return [self.value(member) for member in value]
            case _:
                return value


def spellings(secret: str) -> Iterator[str]:
    """The forms in which a secret may come back: unchanged, percent-encoded, escaped for HTML or JSON, in base64."""
    yield secret
    yield quote(secret, safe="")
    yield escape(secret)
    yield json.dumps(secret)[1:-1]
    if len(encoded := base64.b64encode(secret.encode()).decode().rstrip("=")) >= 8:
        yield encoded
