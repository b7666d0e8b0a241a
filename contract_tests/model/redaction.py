"""Redacts secrets. Everything that a run writes goes through a `Redactor` first."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .spellings import hidden_in

REDACTED = "[redacted]"

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

    It also finds a secret in another encoding or case (`spellings`).
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        secrets = [*secrets]
        self.has_given = bool(secrets)
        self._hidden_in = hidden_in(secrets)

    def text(self, text: str) -> str:
        """The text without secrets. Half a surrogate pair is escaped, because no file can hold it."""
        return self._without_secrets(text).encode("utf-8", "backslashreplace").decode()

    def without_given(self, text: str) -> str:
        """The text without the secrets of the run. What only looks like one stays."""
        end, parts = 0, []
        for begin, following in self._hidden_in(text):
            parts += [text[end:begin], REDACTED]
            end = following
        return "".join([*parts, text[end:]]) if parts else text

    def bytes_without_given(self, content: bytes) -> bytes:
        """As `without_given`, else unchanged byte for byte."""
        return self.without_given(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _without_secrets(self, text: str) -> str:
        text = self.without_given(text)
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
