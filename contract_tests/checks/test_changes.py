"""calls: what a successful call changed is what every later read shows, and nothing else changed."""

from collections.abc import Mapping
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import arranged, expect, shown
from tracepass_contract.contract_tests.checks.arranged import PARTY, field_set, fields_of
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.model.operations import Standing
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = [
    pytest.mark.rule("calls.changes-are-kept", "calls.valid-calls-succeed", "reads.agree"),
    pytest.mark.needs("L", "P"),
]
OTHER = {"legalName": "Prüfstelle", "legacyOperatorId": "op-1"}
REASON_MAX = 500
IMAGES = ["https://example.com/1.png", "https://example.com/2.png"]
OF_TEMPLATE = "calls.field-keys-are-of-template"
FIELDS = ("fields", "completionPercentage")
PARTIES = ("parties", "completionPercentage")  # how the percentage counts is not documented
CHANGES: list[dict[str, Any]] = [  # of a product, one after another
    {"name": "Another name"},
    {"description": "A description"},
    {"imageUrls": IMAGES},
    {"sourceLocale": "de"},
    {"status": "archived"},
    {"status": "active"},
    {"imageUrls": []},
    {"name": "A third name", "description": "Another", "imageUrls": IMAGES[1:]},
    {"description": None},
]


def test_each_field_is_kept_as_it_was_set(account: Account) -> None:
    """All fields of the template are set one after another. Each read shows all values that were set so far."""
    passport = shown.passport(account, arranged.draft(account))
    before = passport.look()
    for key, value in fields_of(account):
        reply = field_set(account.api.update_field(passport.id, key, {"value": value}))

        after = passport.after(before, reply, but=FIELDS, shows=reply.shown)
        _has_fields(after, {**_values(before), key: (value, "manual", "approved")}, reply)
        before = after


def test_a_field_is_set_again_with_its_source(account: Account) -> None:
    """A field gets another value, source and locale. Values that a machine suggests wait for a review."""
    passport, (key, first) = shown.passport(account, arranged.draft(account)), fields_of(account)[0]
    field_set(account.api.update_field(passport.id, key, {"value": first}))
    second = [*first, "3"] if isinstance(first, list) else f"{first} again" if isinstance(first, str) else first
    for source, status in (("ai_suggested", "pending_review"), ("manual", "approved")):
        before = passport.look()

        reply = field_set(
            account.api.update_field(passport.id, key, {"value": second, "source": source, "sourceLocale": "de"})
        )

        after = passport.after(before, reply, but=FIELDS, shows=reply.shown)
        _has_fields(after, {**_values(before), key: (second, source, status)}, reply)


@pytest.mark.rule(OF_TEMPLATE)
def test_a_field_is_set_by_serial_number(account: Account) -> None:
    """A field that is set by serial number and GTIN is a field of that passport. One that the template does not have is
    refused.
    """
    passport, (key, value) = shown.passport(account, arranged.draft(account)), fields_of(account)[0]
    before = passport.look()
    gs1 = before.shown["gs1"]

    reply = field_set(account.api.update_field_by_serial(gs1, key, {"value": value}))
    refused = account.api.update_field_by_serial(gs1, "conf_no_such_field", {"value": value})

    expect.declined(refused, "PATCH /passports/by-serial/{serial}/fields/{key}", 400, 422, rule=OF_TEMPLATE)
    after = passport.after(before, reply, but=FIELDS, shows=reply.shown)
    _has_fields(after, {**_values(before), key: (value, "manual", "approved")}, reply)


def test_each_party_is_kept_as_it_was_set(account: Account) -> None:
    """Two parties are set, one is replaced, one is removed. Each step leaves the other party as it was."""
    api, passport = account.api, shown.passport(account, arranged.draft(account))
    before = passport.look()
    parties: dict[str, Any] = {}
    for role, party in (("importer", PARTY), ("recycler", OTHER), ("importer", OTHER), ("recycler", None)):
        if party is None:
            parties.pop(role)
            reply = expect.served(api.remove_party(passport.id, role), "DELETE /passports/{id}/parties/{role}")
        else:
            parties[role] = party
            reply = expect.served(api.set_party(passport.id, role, party), "PATCH /passports/{id}/parties/{role}")

        before = passport.after(before, reply, but=PARTIES, shows={**reply.shown, "parties": parties})


@pytest.mark.parametrize(
    ("body", "reason"),
    [({"reason": "Recall 17"}, "Recall 17"), ({"reason": "ä" * REASON_MAX + "b"}, "ä" * REASON_MAX), ({}, None)],
    ids=["a reason", "a long reason", "no reason"],
)
@pytest.mark.parametrize("by_serial", [False, True], ids=["by id", "by serial"])
def test_a_suspended_passport_is_shown_so(account: Account, body: Any, reason: str | None, *, by_serial: bool) -> None:
    """The answer has the reason, cut to 500 characters. The reads show status, time and reason, and nothing changed."""
    api, passport = account.api, shown.passport(account, arranged.draft_with_content(account))
    before = passport.look()

    gs1 = before.shown["gs1"]
    reply = api.suspend_by_serial(gs1, body) if by_serial else api.suspend_passport(passport.id, body)

    expect.served_for_draft(reply, "POST /passports/{id}/suspend")
    expect.same("the reason", reply.shown.get("suspensionReason") or None, reason, reply)
    _says_status(reply, "suspended")
    changed = ("status", "suspendedAt", "suspensionReason")
    passport.after(before, reply, but=changed, shows={**reply.shown, "status": "suspended"})


@pytest.mark.parametrize("by_serial", [False, True], ids=["by id", "by serial"])
@pytest.mark.parametrize("suspended", [False, True], ids=["a draft", "suspended"])
def test_an_archived_passport_is_shown_so(account: Account, *, by_serial: bool, suspended: bool) -> None:
    """The reads show status and time, and nothing else changed."""
    api, passport = account.api, shown.passport(account, arranged.draft_with_content(account))
    if suspended:
        reply = api.suspend_passport(passport.id, {"reason": "Recall 17"})
        expect.served_for_draft(reply, "POST /passports/{id}/suspend")
    before = passport.look()

    reply = api.archive_by_serial(before.shown["gs1"]) if by_serial else api.archive_passport(passport.id)

    expect.served_for_draft(reply, "POST /passports/{id}/archive")
    _says_status(reply, "archived")
    passport.after(before, reply, but=("status", "archivedAt"), shows={**reply.shown, "status": "archived"})


def test_each_member_of_a_product_is_kept_as_it_was_set(account: Account) -> None:
    """A product is changed in each member alone and in several. Each read shows all changes so far."""
    product = shown.product(account, arranged.product(account).shown["_id"])
    defaults = {"defaultFieldValues": dict(fields_of(account)[:1])}
    changes: list[dict[str, Any]] = [{"model": account.session.serial()}, defaults, *CHANGES]
    before = product.look()
    for change in changes:
        reply = expect.served(account.api.update_product(product.id, change), "PATCH /products/{id}")

        is_ours = reply.standing is Standing.OURS  # which says that the answer has what changed
        names = change.keys() if is_ours else change.keys() & reply.shown.keys()
        said = {name: reply.shown.get(name, "nothing") for name in names}
        expect.same("the answer to the change", said, {name: change[name] for name in said}, reply)
        before = product.after(before, reply, but=change, shows={**reply.shown, **change})


def test_a_product_is_created_as_it_was_sent(account: Account) -> None:
    """A product with every documented member is read as it was sent, and has no passports."""
    fields = dict(fields_of(account)[:1])

    reply = arranged.product(
        account, description="Whole", imageUrls=IMAGES, sourceLocale="de", defaultFieldValues=fields
    )

    sent = {**reply.exchange.sent_json, "status": "active", "passportCount": 0}
    product = shown.product(account, reply.shown["_id"])
    product.after(reply, reply, but=(), shows={**reply.shown, **sent})


def test_an_archived_product_is_shown_so(account: Account) -> None:
    """A product without passports is archived. The reads show it, and nothing else changed."""
    product = shown.product(account, arranged.product(account).shown["_id"])
    before = product.look()

    reply = expect.served(account.api.archive_product(product.id), "POST /products/{id}/archive")

    _says_status(reply, "archived")
    product.after(before, reply, but=("status",), shows={**reply.shown, "status": "archived"})


def _says_status(reply: Reply, status: str) -> None:
    """The answer has the new status, if it has one: the reads are not the only way to learn it. By the suite's own
    document it has one.
    """
    nothing = "nothing" if reply.standing is Standing.OURS else status
    expect.same("`status` of the answer", reply.shown.get("status", nothing), status, reply)


def _has_fields(after: Reply, wanted: Mapping[str, Any], cause: Reply) -> None:
    """The read shows exactly these fields, if it shows fields."""
    if "fields" in after.shown:
        expect.same("the fields", _values(after), wanted, cause, after)


def _values(reply: Reply) -> dict[str, tuple[Any, Any, Any]]:
    """Value, source and status of each field that is set."""
    fields = reply.shown.get("fields")
    found = fields.items() if isinstance(fields, dict) else ()
    each = {key: field for key, field in found if isinstance(field, dict) and field.get("status") != "empty"}
    return {key: (field.get("value"), field.get("source"), field.get("status")) for key, field in each.items()}
