"""Finds secrets in a text, in whatever form a server or a proxy may send one back.

That is: unchanged, in another case, percent-encoded, escaped for JSON or HTML, in hexadecimal, in UTF-16, and in
base64, also of a longer text (as in `Authorization: Basic`), also in several of these layers.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import unescape

Span = tuple[int, int]
_BEGINNING = 5  # characters: the keys of a run have few beginnings, and most texts have none of them
_LONG = 6  # a shorter secret may be a word: it is found as it is, and not in another case or in base64
_LAYERS = 3  # of escapes
_ESCAPE = re.compile(
    r"%(?P<percent>[0-9a-f]{2})"
    r"|\\\\?(?:u(?P<four>[0-9a-f]{4})|u\{0{0,6}(?P<braced>[0-9a-f]{1,4})\}|x(?P<two>[0-9a-f]{2})|(?P<plain>[\"\\'/]))"
    r"|(?P<entity>&(?:#[0-9]{1,7};?|#x[0-9a-f]{1,6};?|[a-z]{2,8}[0-9]{0,2};))",
    re.IGNORECASE,
)


def hidden_in(secrets: Iterable[str]) -> Callable[[str], Sequence[Span]]:
    """A function that finds where these secrets are in a text."""
    known = [secret for secret in dict.fromkeys(secrets) if secret.strip()]
    if not known:
        return lambda _text: ()
    forms = {form for secret in known for form in _forms(secret)}
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    pattern = re.compile("|".join(map(_in_any_case, ordered)))
    beginnings = {form[:_BEGINNING].lower() for form in forms}

    def literal(text: str) -> Sequence[Span]:
        lowered = text.lower()
        if not any(beginning in lowered for beginning in beginnings):
            return ()
        return [found.span() for found in pattern.finditer(text)]

    return lambda text: _joined([*literal(text), *_in_layers(text, literal)])


def _in_any_case(form: str) -> str:
    return f"(?i:{re.escape(form)})" if len(form) >= _LONG else re.escape(form)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    encoded = secret.encode("utf-8", "surrogateescape")
    if len(secret) < _LONG:
        return
    yield encoded.hex()
    yield "\0".join(secret)  # UTF-16 that is read byte for byte
    for before in range(3):
        text = b64encode(bytes(before) + encoded)
        begin, end = -(-before * 8 // 6), (before + len(encoded)) * 8 // 6
        inner = text[begin:end].decode()  # the characters that hold nothing of what stands before and after it
        yield inner
        yield inner.translate(str.maketrans("+/", "-_"))


def _in_layers(text: str, literal: Callable[[str], Sequence[Span]]) -> Iterator[Span]:
    """Where the secrets are once the escapes of the text are resolved, as places in the text itself."""
    places: Sequence[int] = range(len(text) + 1)
    for _ in range(_LAYERS):
        if not ("%" in text or "\\" in text or "&" in text):
            return
        resolved, begins = _resolved(text)
        if resolved == text:
            return
        text, places = resolved, [places[begin] for begin in begins]
        for begin, end in literal(text):
            yield places[begin], places[end]


def _resolved(text: str) -> tuple[str, Sequence[int]]:
    """The text with one layer of escapes resolved, and where each of its characters (and its end) began."""
    parts: list[str] = []
    begins: list[int] = []
    end = 0
    for found in _ESCAPE.finditer(text):
        character = _character(found)
        parts += [text[end : found.start()], character]
        begins += [*range(end, found.start()), *[found.start()] * len(character)]
        end = found.end()
    return "".join([*parts, text[end:]]), [*begins, *range(end, len(text) + 1)]


def _character(found: re.Match[str]) -> str:
    if found["plain"]:
        return found["plain"]
    if found["entity"]:
        return unescape(found["entity"])
    return chr(int(found["percent"] or found["four"] or found["braced"] or found["two"], 16))


def _joined(spans: Sequence[Span]) -> Sequence[Span]:
    """In order, and those that overlap as one."""
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined
