"""Checks whether passports can be created with the given product and GTIN.

The check starts only when a plain item fails before any other item was created, so it costs nothing where both are
right. It sends a new item: tests judge an item that fails for a reason of its own.
"""

import re
from collections.abc import Mapping
from typing import Any

from ..client.api import Batch
from ..client.reply import Reply
from ..model.gateways import not_of_the_api
from ..model.history import BATCH, Exchange
from ..model.outcomes import Inconclusive, Untested
from .given_workspace import GivenAccount

_REFUSED = frozenset({400, 403, 404, 422})  # what a product or a GTIN that can't be used may be answered with
_LONG = 300


class GivenProduct:
    """The product and the GTIN of a given workspace. Either may be wrong."""

    def __init__(self, account: GivenAccount) -> None:
        self._account = account

    def trouble(self) -> str:
        """Why no passport can be created with them; empty where one was created, or where it is not known.

        May send one item. Where that would exceed a ceiling, or meets a limit, the first answer decides.
        """
        if self._account.api.pairs.existing or self._account.api.pairs.deleted:
            return ""
        failed = next((reply for reply in map(Reply, self._plain_creates()) if _has_failed(reply)), None)
        if failed is None:
            return ""
        try:
            again = self._account.api.create_batch([self._account.passport()], purpose="can anything be created?")
        except Untested:
            again = failed
        except Inconclusive:
            return ""
        if again.is_result and not _has_failed(again):
            return ""
        return self._described(again if _has_failed(again) else failed)

    def _plain_creates(self) -> list[Exchange]:
        """The batches of one valid item, which fail only for its product or its GTIN."""
        calls = self._account.session.history.exchanges
        lost = {each.body for each in calls if each.lost is not None}  # such an item may exist
        return [each for each in calls if self._is_plain(each) and each.body not in lost]

    def _is_plain(self, call: Exchange) -> bool:
        if (call.method, call.path, call.workspace) != ("POST", BATCH, self._account.name):
            return False
        pair = _only_item(call.sent_json).get("gs1")
        serial = str(pair.get("serialNumber")) if isinstance(pair, Mapping) else ""
        batch = Batch([self._account.passport(serial)])
        own = re.fullmatch(rf"CONF-{self._account.session.run}-\d+", serial)
        return own is not None and (call.body, call.headers) == (batch.body, batch.sent_headers)

    def _described(self, failed: Reply) -> str:
        named = f"product {self._account.product_id} or GTIN {self._account.gtin}"
        return (
            f"{named} can't be used: no passport is created with both in the workspace of the API key"
            f" ({self._account.given_as}); {_answer(failed)}"
        )


def _only_item(body: Any) -> Mapping[str, Any]:
    """The one item of a batch; empty where there are more or none."""
    items = body.get("passports") if isinstance(body, dict) else None
    return items[0] if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict) else {}


def _has_failed(reply: Reply) -> bool:
    """Whether the item failed, or the batch was refused for it, in a form that the contract documents."""
    entry = reply.entry(0)
    is_error = reply.outcomes == ["error"] and bool(entry.get("error")) and not entry.get("data")
    return is_error or (reply.is_refusal and reply.status in _REFUSED and not not_of_the_api(reply.exchange))


def _answer(reply: Reply) -> str:
    """The status and the error text of the deployment."""
    words = [reply.entry(0).get("error"), reply.members.get("error"), reply.members.get("details")]
    said = " ".join(str(each) for each in words if each) or "no error text"
    return f"the deployment answered {reply.status}: {said if len(said) <= _LONG else f'{said[:_LONG]}…'}"
