"""Bodies that are not declared as plain JSON: where the contract is silent, any refusal is right, and so is a result.

| rule | dimensions and values | observed |
|---|---|---|
| calls.no-server-errors | operation (batch, single create, changes) x media type (`MEDIA`, none) | result or refusal |
| | coding of a batch (known, unknown, twice) x body (as declared, cut, not so) | the same |
| | a body that is many times as long as its items, packed | the same |
| batch.same-shape-as-single | the same | an executed item is created; a refused one can be created afterwards |
| calls.documented-shape | the same, for single create and changes | a refused call changes nothing |
"""

import gzip
import zlib
from collections.abc import Mapping, Sequence

import pytest

from tracepass_contract.contract_tests.checks import expect, shown
from tracepass_contract.contract_tests.checks.arranged import PARTY
from tracepass_contract.contract_tests.checks.writes import named
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.target.workspace import Account

ANSWERED, SHAPE, WHOLE = "calls.no-server-errors", "calls.documented-shape", "batch.same-shape-as-single"
MEDIA = (
    *("text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded", "application/octet-stream"),
    *("multipart/form-data; boundary=x", "application/xml", "text/html", "json", "application/json; charset=utf-16"),
)
CODINGS: Mapping[str, str] = {  # a name, and how the body is packed
    "gzip": "gzip",
    "deflate": "deflate",
    "gzip, gzip": "gzip gzip",
    "identity": "",
    "br": "",
    "zstd": "",
    "x-unknown": "",
    "GZIP": "gzip",
}
SPACES = 2_000_000
PACKED = {"gzip": lambda body: gzip.compress(body, mtime=0), "deflate": zlib.compress}


@pytest.mark.thorough
@pytest.mark.rule(ANSWERED, decides=True)
@pytest.mark.rule(WHOLE)
@pytest.mark.price(writes=20, slots=10)
def test_a_batch_of_another_media_type_is_executed_or_refused(api: Api, account: Account) -> None:
    """The body is JSON, and `Content-Type` says something else, or is missing. A batch that is executed creates its
    item; the items of refused batches can be created afterwards.
    """
    batches = [Batch(account.passports(1), headers={"Content-Type": media}) for media in MEDIA]

    _are_executed_or_refused(api, [*batches, Batch(account.passports(1), is_typed=False)])


@pytest.mark.thorough
@pytest.mark.rule(ANSWERED, decides=True)
@pytest.mark.rule(WHOLE)
@pytest.mark.price(writes=24, slots=11)
def test_a_packed_batch_is_executed_or_refused(api: Api, account: Account) -> None:
    """The body is packed as `Content-Encoding` says, or is not, or is cut. A batch that is executed creates its item;
    the items of refused batches can be created afterwards.
    """
    batches = [_packed(account, coding, packings) for coding, packings in CODINGS.items()]
    batches += [_packed(account, "gzip", ""), _packed(account, "gzip", "deflate"), _packed(account, "gzip", "gzip", 30)]

    _are_executed_or_refused(api, batches)


@pytest.mark.rule(ANSWERED, WHOLE)
@pytest.mark.needs("P")
def test_a_body_of_many_spaces_is_executed_or_refused(api: Api, account: Account) -> None:
    """Two million spaces stand around the items, packed into a few kilobytes, and as they are. A server may have a
    limit.
    """
    batches = [Batch(account.passports(1)) for _ in range(2)]
    long = [batch.body + b" " * SPACES for batch in batches]
    packed = Batch(batches[0].items, raw=gzip.compress(long[0], mtime=0), headers={"Content-Encoding": "gzip"})

    _are_executed_or_refused(api, [packed, Batch(batches[1].items, raw=long[1])])


@pytest.mark.rule(ANSWERED, SHAPE)
@pytest.mark.needs("L", "P")
@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_change_of_another_media_type_is_made_or_refused(account: Account, media: str) -> None:
    """The body of a call is JSON, and `Content-Type` says something else. A refused call changes nothing."""
    its, api = named(account), account.api.with_media_type(media)
    passport, product = shown.passport(account, its.passport_id), shown.product(account, its.product_id)
    of_passport, of_product = passport.look(), product.look()

    party = _answered(api.set_party(its.passport_id, "recycler", PARTY))
    description = _answered(api.update_product(its.product_id, {"description": "of another type"}))
    single = _answered(api.create_one(its.item))

    made = [party.exchange.succeeded, description.exchange.succeeded, single.exchange.succeeded]
    passport.after(of_passport, party, but=("parties", "completionPercentage") if made[0] else ())
    product.after(of_product, description, but=("description",) if made[1] else ())
    wanted = "error" if made[2] else "created"
    expect.outcomes(account.api.create_batch([its.item]), wanted, rule=SHAPE)


def _packed(account: Account, coding: str, packings: str, length: int | None = None) -> Batch:
    batch = Batch(account.passports(1), headers={"Content-Encoding": coding})
    body = batch.body
    for packing in packings.split():
        body = PACKED[packing](body)
    return Batch(batch.items, raw=body[:length], headers=batch.headers)


def _are_executed_or_refused(api: Api, batches: Sequence[Batch]) -> None:
    refused: list[tuple[Reply, Batch]] = []
    for batch in batches:
        reply = _answered(api.send(batch).sure())
        if reply.is_refusal:
            refused.append((reply, batch))
        else:
            expect.outcomes(reply, "created", rule=WHOLE)

    if refused:
        again = api.create_batch([item for _, batch in refused for item in batch.items])
        replies, wanted = [reply for reply, _ in refused], ["created"] * len(refused)
        expect.same("items of refused batches", again.outcomes, wanted, *replies, again, rule=WHOLE)


def _answered(reply: Reply) -> Reply:
    is_answer = reply.exchange.succeeded or reply.is_refusal or reply.is_result
    expect.true("a success or a refusal", is_answer, reply.described, reply, rule=ANSWERED)
    return reply
