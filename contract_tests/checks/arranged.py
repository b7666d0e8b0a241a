"""What checks arrange: drafts, products, fields with values, a day of the month."""

from typing import Any

from ..client.reply import Reply
from ..model.operations import Standing
from ..model.outcomes import Inconclusive, Untested
from ..target.workspace import Account
from . import expect

FIELD = "PATCH /passports/{id}/fields/{key}"
PARTY = {"legalName": "Conformance", "gln": "4012345000009", "country": "DE", "url": "https://example.com/"}
_VALUES: dict[str, Any] = {"number": 12.5, "boolean": True, "array": ["1", "2"], "object": {"a": "1"}}  # by type


def draft(account: Account, **members: Any) -> str:
    """The id of a new passport."""
    item = account.passport(**members)
    account.require_created(account.api.create_batch([item], purpose="set-up: a draft"))
    return account.id_of(item)


def draft_with_content(account: Account) -> str:
    """The id of a new passport with two fields and a party."""
    passport_id = draft(account, parties={"manufacturer": PARTY})
    for key, value in fields_of(account)[:2]:
        field_set(account.api.update_field(passport_id, key, {"value": value}))
    return passport_id


def product(account: Account, **members: Any) -> Reply:
    """The answer to a new product in the category of the workspace's own product."""
    category = members.get("category") or category_of(account)
    wanted = {"name": "Conformance", "model": account.session.serial(), "category": category, **members}
    made = expect.served(account.api.create_product(wanted), "POST /products")
    if not isinstance(made.shown.get("_id"), str):
        raise Inconclusive(f"the test needs the id of a product, but call #{made.number} answered none", [made.number])
    return made


def category_of(account: Account) -> str:
    own = expect.served(account.api.get_product(account.product_id), "GET /products/{id}")
    return str(own.shown.get("category"))


def fields_of(account: Account, category: str | None = None) -> list[tuple[str, Any]]:
    """Each field of the template of the product's category, with a value. Raises `Untested` where there is none."""
    template = expect.served(account.api.get_template(category or category_of(account)), "GET /templates/{category}")
    found = template.shown.get("fields")
    fields = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    keys = {str(each["key"]): str(each.get("type")) for each in fields if isinstance(each.get("key"), str)}
    if not keys:
        raise Untested("a template with the keys of its fields")
    return [(key, _VALUES.get(kind, f"value of {key}")) for key, kind in keys.items()]


def field_set(reply: Reply) -> Reply:
    """The field was set. Raises `Inconclusive` where the value may not be one of the deployment's template."""
    if reply.status in {400, 422} and reply.standing is not Standing.OURS:
        raise Inconclusive(f"call #{reply.number} should set a field, but got {reply.described}", [reply.number])
    return expect.served(reply, FIELD)


def leave_the_end_of_the_month(account: Account) -> None:
    """Go to a day that has ten more in its month: a new month may renew a quota (quota.slot-returns)."""
    day = account.session.now(account.name).day
    if day > 20:
        account.advance_clock(hours=(35 - day) * 24)
