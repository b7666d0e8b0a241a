"""The limit of server and load generator: an ASGI function that reads the body and answers a constant."""

import sys
from datetime import UTC, datetime

import orjson
from starlette.types import Receive, Scope, Send

from .balances import Balances, Wanted, all_balances
from .run import serve

BODY_BYTES_OF_100_ITEMS = 10_000  # or more


def constant_answer(balances: Balances, items: int) -> bytes:
    """The answer to a batch of so many new items, as the floor would give it."""
    wanted: list[Wanted] = [
        (balances.account.product_id, balances.account.gtin, f"B-CONSTANT-{n:06}", {}) for n in range(items)
    ]
    return orjson.dumps(balances.create(wanted, datetime.now(UTC)))


class Raw:
    """Looks at nothing but the length of the body, to tell a batch of 100 from one of 1."""

    def __init__(self) -> None:
        balances = all_balances()["tp_mock_unlimited"]
        self._short, self._long = (constant_answer(balances, items) for items in (1, 100))

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        length, more = 0, True
        while more:
            message = await receive()
            length, more = length + len(message.get("body", b"")), message.get("more_body", False)
        body = self._long if length > BODY_BYTES_OF_100_ITEMS else self._short
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    serve(Raw(), int(sys.argv[1]))
