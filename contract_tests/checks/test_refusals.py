"""A refused call takes nothing and gives nothing back: the meters are read to the unit, below and above.

| rule | dimensions and values | observed |
|---|---|---|
| of each status (`KINDS`) | status (401, 400, 404, 409, 422, 402, 429) x operation (batch, single | writes and |
| | create, products, changes, deletions) x left (some, none) | slots left, exactly |

Whether a refused shape and a 402 take writes is a reading. No reading gives a write back, and none takes a slot.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.checks.arranged import PARTY
from tracepass_contract.contract_tests.checks.writes import NOBODY, Named, named
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.session import Credential
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.target.workspace import Account

Calls = Iterator[Reply]
Keys = Sequence[str]  # used for a batch, a single create and a change of a product
MALFORMED = (400, 413, 422)


@dataclass(frozen=True)
class Kind:
    """Calls that are refused with one of these statuses while this much is left."""

    calls: Callable[[Account, Named, Keys], Calls]
    statuses: tuple[int, ...]
    rule: str
    writes: int = 3
    slots: int = 2
    may_take_writes: bool = False


def without_a_key(account: Account, its: Named, _keys: Keys) -> Calls:
    nobody = account.api.with_credential(Credential("nobody", None, None))
    yield nobody.create_batch(account.passports(1))
    yield nobody.create_one(account.passport())
    yield nobody.set_party(its.passport_id, "recycler", PARTY)
    yield nobody.delete_passport(its.passport_id).sure()


def without_the_shape(account: Account, its: Named, _keys: Keys) -> Calls:
    api = account.api
    yield api.create_batch([])
    yield api.create_one({**account.passport(), "productId": 7})
    yield api.create_product({**its.new_product, "name": ""})
    yield api.set_party(its.passport_id, "conf-no-such-role", PARTY)
    yield api.update_field(its.passport_id, its.field, {"source": "manual"})


def of_nobody(account: Account, _its: Named, _keys: Keys) -> Calls:
    api = account.api
    yield api.create_one(account.passport(productId=NOBODY))
    yield api.set_party(NOBODY, "recycler", PARTY)
    yield api.remove_party(NOBODY, "importer")
    yield api.update_product(NOBODY, {"description": "x"})
    yield api.delete_passport(NOBODY).sure()
    yield api.delete_product(NOBODY)


def of_what_exists(account: Account, its: Named, _keys: Keys) -> Calls:
    api = account.api
    yield api.create_one({**its.item, "gs1": its.gs1})
    yield api.create_product({**its.new_product, "model": api.get_product(its.product_id).shown.get("model")})
    yield api.delete_product(account.product_id)
    yield api.archive_product(account.product_id)


def of_another_body(account: Account, its: Named, keys: Keys) -> Calls:
    api = account.api
    yield api.create_batch(account.passports(1), key=keys[0])
    yield api.create_one(account.passport(), keys[1])
    yield api.update_product(its.product_id, {"description": "y"}, keys[2])


def over_the_quota(account: Account, _its: Named, _keys: Keys) -> Calls:
    yield account.api.create_batch(account.passports(3))
    yield account.api.create_batch(account.passports(3), key=clock.new_key())


def with_no_slot(account: Account, _its: Named, _keys: Keys) -> Calls:
    yield account.api.create_batch(account.passports(1))
    yield account.api.create_one(account.passport())


def over_the_budget(account: Account, its: Named, _keys: Keys) -> Calls:
    yield account.api.create_batch(account.passports(4))
    yield account.api.create_products([{**its.new_product, "model": f"{its.spare}-{n}"} for n in range(4)])


def with_no_write(account: Account, its: Named, _keys: Keys) -> Calls:
    api = account.api
    yield api.create_batch(account.passports(1))
    yield api.create_one(account.passport())
    yield api.create_product(its.new_product)
    yield api.update_product(its.product_id, {"description": "x"})
    yield api.set_party(its.passport_id, "recycler", PARTY)
    yield api.remove_party(its.passport_id, "importer")
    yield api.suspend_passport(its.passport_id)
    yield api.delete_passport(its.passport_id).sure()


KINDS: Mapping[str, Kind] = {
    "401": Kind(without_a_key, (401, 403), "auth.bearer-required"),
    "400": Kind(without_the_shape, MALFORMED, "calls.documented-shape", may_take_writes=True),
    "404": Kind(of_nobody, (404,), "calls.name-what-exists"),
    "409": Kind(of_what_exists, (409,), "calls.take-one-write-each"),
    "422": Kind(of_another_body, (400, 409, 422), "idempotency.refuses-another-body"),
    "402": Kind(over_the_quota, (402,), "quota.asks-for-consent", may_take_writes=True),
    "402, no slot": Kind(with_no_slot, (402,), "quota.asks-for-consent", slots=0, may_take_writes=True),
    "429": Kind(over_the_budget, (429,), "budget.refuses-whole-batch", slots=9),
    "429, no write": Kind(with_no_write, (429,), "budget.refuses-whole-batch", writes=0, slots=9),
}


@pytest.mark.needs("W", "Q", "O", "L", "S", "P")
@pytest.mark.rule("calls.take-one-write-each", "quota.failed-items-take-no-slot", adds=True)
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.rule(KINDS[name].rule)) for name in KINDS])
def test_a_refusal_takes_nothing_and_gives_nothing_back(account: Account, name: str) -> None:
    """Some writes and slots are left, or none. After refused calls, exactly as many items fit, and not one more."""
    kind, its, api = KINDS[name], named(account), account.api
    keys = _used(account, its) if kind.calls is of_another_body else ()

    account.has(writes_left=kind.writes, slots_left=kind.slots, overage=True)
    refused = _refused(account, its, keys, kind)
    account.lift(slots=True)
    fit = api.create_batch(account.passports(kind.writes)) if kind.writes else None
    if fit is None or not (kind.may_take_writes and fit.status == 429):
        expect.true(f"{kind.writes} writes left", fit is None or fit.is_result, fit, *refused, rule=kind.rule)
        expect.refused(api.create_batch(account.passports(1)), 429, rule=kind.rule)

    account.has(writes_left=kind.writes, slots_left=kind.slots, overage=True)
    _refused(account, its, keys, kind)
    account.lift(writes=True)
    if kind.slots:
        expect.outcomes(api.create_batch(account.passports(kind.slots)), *["created"] * kind.slots, rule=kind.rule)
    expect.refused(api.create_batch(account.passports(1)), 402, rule=kind.rule)


def _used(account: Account, its: Named) -> Keys:
    """Keys that are used for calls that succeed."""
    api, keys = account.api, [clock.new_key() for _ in range(3)]
    api.create_batch(account.passports(1), key=keys[0])
    api.create_one(account.passport(), keys[1])
    api.update_product(its.product_id, {"description": "x"}, keys[2])
    return keys


def _refused(account: Account, its: Named, keys: Keys, kind: Kind) -> Sequence[Reply]:
    """Send the calls. Each operation that is served refuses its call."""
    replies = [reply for reply in kind.calls(account, its, keys) if expect.is_served(reply)]
    for reply in replies:
        if not (kind.may_take_writes and reply.status == 429):  # then the calls before it took what was left
            expect.refused(reply, *kind.statuses, rule=kind.rule)
    return replies
