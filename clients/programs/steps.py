"""What the Python programs share: a call for each line of stdin, and a line on stdout for each answer."""

import gzip
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

SEPARATOR = "\x1f"


class Step(NamedTuple):
    """A call to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """`status` is 0 where there is no answer; `body` is then the error."""

    status: int
    retry_after: str
    body: str


def serve(send: Callable[[Step], Answer]) -> None:
    for line in sys.stdin:
        method, url, api_key, key, form, text = line.rstrip("\n").split(SEPARATOR)
        headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"Content-Encoding": "gzip"} if form == "gzip" else {}
        body = gzip.compress(text.encode()) if form == "gzip" else b" " * int(form) if form else text.encode()
        try:
            answer = send(Step(method, url, headers, body))
        except Exception as error:  # what a client raises is what is asked
            answer = Answer(0, "", f"{type(error).__name__}: {error}".replace("\n", " "))
        print(*answer, sep=SEPARATOR, flush=True)
