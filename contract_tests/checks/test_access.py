"""The life of an API key, and what two workspaces know of each other.

| rule | dimensions and values | observed |
|---|---|---|
| auth.bearer-required | a key's life (valid, new, revoked) x call (batch, create, read, change) | 401, no effect |
| | place of the key (other header, other scheme, twice, next to other text) | 401, nothing created |
| auth.workspaces-are-separate | equal serial numbers, keys, ids x both directions | own results, nothing found |
| items.serial-unique-per-gtin | a pair under a GTIN that neither workspace was given | one passport at most |
| auth.workspaces-are-separate | such a GTIN after its first use x other serials, in a batch and alone | alike; kept |
| idempotency.scoped-to-workspace | one key and equal serial numbers in both | own answer, own writes |
"""

from collections.abc import Sequence

import pytest

from tracepass_contract.contract_tests.checks import expect, shown
from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.session import Credential
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.thorough
REFUSED = (401, 403)
_NOBODY = Credential("none")


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.needs("K2", "P", "W")
def test_a_revoked_key_is_no_key(api: Api, account: Account) -> None:
    """A second API key creates a passport, and then it is revoked. Its calls, even a replay, are refused and take
    nothing. The first key, the passport, and a third key are as before.
    """
    second = account.second_key()
    batch = Batch(account.passports(1), key=clock.new_key())
    created = expect.outcomes(second.send(batch).sure(), "created", rule="items.fail-independently")
    account.has(writes_left=5)
    item = account.passport()
    account.revoke(second)

    refusals = [
        second.send(batch).sure(),
        second.create_batch([item]),
        second.create_batch([item], key=clock.new_key()),
    ]
    refusals += [second.create_batch([]), second.create_batch(batch.items)]

    for refused in refusals:
        expect.refused(refused, *REFUSED)
        leaked = created.ids[0] and created.ids[0] in refused.exchange.answer.decode(errors="replace")
        expect.true("nothing of the passport in the answer", not leaked, refused.described, refused)
    expect.outcomes(api.create_batch(batch.items), "error", rule="items.serial-unique-per-gtin")
    expect.outcomes(account.second_key().create_batch([item]), "created")
    expect.same("writes left", account.writes_left(), 3, *refusals)


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.needs("K2", "P", "L", "S")
def test_a_revoked_key_reads_and_changes_nothing(account: Account) -> None:
    """After its key is revoked, reads, single creates and changes are refused, too."""
    second = account.second_key()
    item = account.passport()
    created = expect.outcomes(second.create_batch([item]), "created", rule="items.fail-independently")
    passport_id = created.ids[0]
    expect.served(account.read(passport_id), "GET /passports/{id}")
    expect.served(second.get_passport(passport_id), "GET /passports/{id}")
    account.revoke(second)

    for refused in (
        second.get_passport(passport_id),
        second.get_by_serial(item["gs1"]["serialNumber"], gtin=account.gtin),
        second.list_passports(),
        second.get_product(account.product_id),
        second.create_one(account.passport()),
        second.update_product(account.product_id, {"description": "of nobody"}),
        second.delete_passport(passport_id).sure(),
    ):
        expect.refused(refused, *REFUSED)
    expect.served(account.read(passport_id), "GET /passports/{id}")


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.risk(writes=20, slots=1)
@pytest.mark.price(writes=1, slots=1)
def test_a_key_in_another_place_is_none(api: Api, account: Account) -> None:
    """The API key stands in another header, twice, or next to other text. The call is refused and creates nothing."""
    item, key = account.passport(), api.credential.key or ""
    caller = api.with_credential(_NOBODY)
    places: Sequence[dict[str, str]] = (
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer null"},
        {"Authorization": "Bearer undefined"},
        {"Authorization": f"Bearer {key}x"},
        {"Authorization": f"Bearer x{key}"},
        {"Authorization": f"Bearer {key}{key}"},
        {"Authorization": f"Bearer {'x' * len(key)}"},
        {"Authorization": f"Digest {key}"},
        {"Proxy-Authorization": f"Bearer {key}"},
        {"Cookie": f"api_key={key}"},
    )
    for headers in places:
        expect.refused(caller.send(Batch([item], headers=headers)).sure(), *REFUSED)

    expect.outcomes(api.create_batch([item]), "created")


@pytest.mark.rule("auth.workspaces-are-separate", "items.serial-unique-per-gtin")
@pytest.mark.needs("T2")
@pytest.mark.price(writes=12, slots=8)
def test_equal_serial_numbers_of_two_workspaces_are_two_passports(account: Account) -> None:
    """Two workspaces use the same serial numbers, each under its own GTIN, first the one and then the other. All are
    created, and then exist in each of them.
    """
    theirs = account.another_workspace()
    for first, second in ((account, theirs), (theirs, account)):
        serials = [account.session.serial() for _ in range(2)]
        of_first, of_second = ([each.passport(serial) for serial in serials] for each in (first, second))

        for each, items in ((first, of_first), (second, of_second)):
            expect.outcomes(each.api.create_batch(items), "created", "created")
        for each, items in ((first, of_first), (second, of_second)):
            expect.outcomes(each.api.create_batch(items[:1]), "error", rule="items.serial-unique-per-gtin")


@pytest.mark.rule("items.serial-unique-per-gtin", "auth.workspaces-are-separate")
@pytest.mark.needs("T2", "P")
def test_a_pair_of_nobodys_gtin_is_created_once(account: Account) -> None:
    """Two workspaces send a pair under a GTIN that neither was given, one after the other, each with its own product.
    At most one passport is created. So it is when the other one sends first.
    """
    theirs = account.another_workspace()
    for digits, (first, second) in (("11", (account, theirs)), ("22", (theirs, account))):
        gtin = _gtin_of_nobody(account, digits)
        serial = account.session.serial()

        replies = [_sends_under(each, gtin, serial) for each in (first, second, first, second)]

        expect.true("one passport at most", sum(reply.created for reply in replies) <= 1, "more", *replies)


@pytest.mark.rule("auth.workspaces-are-separate", "items.created-is-readable", "items.serial-unique-per-gtin")
@pytest.mark.needs("T2", "P", "L", "S")
def test_a_gtin_that_one_workspace_used_first_stays_its_own(account: Account) -> None:
    """One workspace creates a passport under a GTIN that neither was given. Another one sends other serial numbers
    under it, in a batch and alone: all are admitted or none is. The first one reads its passport as before and creates
    more.
    """
    theirs = account.another_workspace()
    gtin, serial, other = _gtin_of_nobody(account, "33"), account.session.serial(), account.session.serial()
    first = _sends_under(account, gtin, serial)
    if not first.created:
        raise Untested("a GTIN that the workspace was not given")
    passport = shown.passport(account, first.ids[0])
    before = passport.look()

    batches = [_sends_under(theirs, gtin, account.session.serial()) for _ in range(2)]
    alone = theirs.api.create_one(_under(theirs, gtin, account.session.serial()))
    same = _sends_under(theirs, gtin, serial)

    admitted = {bool(reply.created) for reply in batches} | {alone.exchange.succeeded}
    expect.same("batches and single creates that are admitted alike", len(admitted), 1, *batches, alone)
    if alone.standing is Standing.OURS:
        expect.refused(alone, 409)
        expect.same("created", same.created, 0, first, same, rule="items.serial-unique-per-gtin")
    found = theirs.api.get_by_serial(serial, gtin=gtin)
    is_theirs = first.ids[0] not in found.exchange.answer.decode(errors="replace")
    expect.true("no passport of the other workspace", is_theirs, found.described, first, found)
    passport.after(before, same, but=())
    expect.outcomes(_sends_under(account, gtin, other), "created")
    expect.outcomes(_sends_under(account, gtin, other), "error", rule="items.serial-unique-per-gtin")


@pytest.mark.rule("auth.workspaces-are-separate")
@pytest.mark.needs("T2", "L")
@pytest.mark.price(writes=2, slots=1)
def test_another_workspace_finds_nothing(api: Api, account: Account) -> None:
    """A created passport is found in its workspace. In another one it is neither read, found nor listed."""
    theirs, item = account.another_workspace(), account.passport()
    created = expect.outcomes(api.create_batch([item]), "created", rule="items.fail-independently")
    passport_id, serial = created.ids[0], item["gs1"]["serialNumber"]
    expect.served(account.read(passport_id), "GET /passports/{id}")

    for reply in (
        theirs.api.get_passport(passport_id),
        theirs.api.get_by_serial(serial, gtin=account.gtin),
        theirs.api.get_by_serial(serial),
        theirs.api.list_passports(search=serial),
    ):
        may_be_named = not passport_id or passport_id in reply.exchange.path
        leaked = not may_be_named and passport_id in reply.exchange.answer.decode(errors="replace")
        is_list = isinstance(reply.shown.get("items"), list)
        expect.true("nothing of the other workspace", not leaked, reply.described, created, reply)
        found = reply.exchange.succeeded and not is_list
        expect.true("no passport of the other workspace", not found, reply.described, created, reply)


@pytest.mark.rule("auth.workspaces-are-separate")
@pytest.mark.needs("T2", "L")
@pytest.mark.price(writes=2, slots=1)
def test_another_workspace_deletes_nothing(api: Api, account: Account) -> None:
    """Another workspace sends the deletion of a created passport. It is refused, and the passport is still there."""
    theirs = account.another_workspace()
    created = expect.outcomes(api.create_batch(account.passports(1)), "created", rule="items.fail-independently")
    before = expect.served(account.read(created.ids[0]), "GET /passports/{id}")

    reply = api.with_credential(theirs.api.credential).delete_passport(created.ids[0]).sure()

    after = api.get_passport(created.ids[0])
    expect.true("the passport to be there", after.status not in shown.GONE, after.described, before, reply, after)
    expect.declined(reply, "DELETE /passports/{id}", 403, 404, 405)


@pytest.mark.rule("idempotency.scoped-to-workspace", "auth.workspaces-are-separate")
@pytest.mark.needs("T2", "W")
@pytest.mark.late(-1)
@pytest.mark.price(writes=20, slots=12)
def test_one_key_in_two_workspaces_has_two_answers(account: Account) -> None:
    """Two workspaces use the same key for items with the same serial numbers, and both replay it. Each gets its own
    answer and pays its own writes once.
    """
    theirs, key = account.another_workspace(), clock.new_key()
    serials = [account.session.serial() for _ in range(3)]
    batches = [(each, Batch([each.passport(serial) for serial in serials], key=key)) for each in (account, theirs)]
    for each, _ in batches:
        each.has(writes_left=8)

    originals = [each.api.send(batch).sure() for each, batch in batches]
    replays = [each.api.send(batch).sure() for each, batch in batches]

    for original, replay in zip(originals, replays, strict=True):
        expect.outcomes(original, "created", "created", "created")
        expect.replayed(replay, original)
    for each, _ in batches:
        expect.same("writes left", each.writes_left(), 5, *originals, *replays)


def _sends_under(account: Account, gtin: str, serial: str) -> Reply:
    return account.api.create_batch([_under(account, gtin, serial)])


def _under(account: Account, gtin: str, serial: str) -> Item:
    return {**account.passport(serial), "gs1": {"gtin": gtin, "serialNumber": serial}}


def _gtin_of_nobody(account: Account, digits: str) -> str:
    """A GTIN with a right check digit that no workspace of the run was given."""
    body = f"{account.another_gtin[:7]}{digits}{account.gtin[9:13]}"
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(body))
    found = f"{body}{-total % 10}"
    if found == account.gtin:
        raise Untested("a GTIN that no workspace was given")
    return found
