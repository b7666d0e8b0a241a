"""What holds for every read: it needs a key of the workspace, a name that exists, and one read of the budget."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tracepass_contract.contract_tests.checks import expect, shown
from tracepass_contract.contract_tests.checks.writes import Named, named
from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.session import Credential
from tracepass_contract.contract_tests.model.outcomes import Untested
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.needs("L", "P")
SEPARATE, LISTS = "auth.workspaces-are-separate", "reads.lists-show-each-match-once"


@dataclass(frozen=True)
class Read:
    """One operation. It `names` what must exist, or it is a list."""

    operation: str
    send: Callable[[Api, Named], Reply]
    names: bool = True

    def __str__(self) -> str:
        return self.operation


READS = (
    Read("GET /passports/{id}", lambda api, its: api.get_passport(its.passport_id)),
    Read(
        "GET /passports/by-serial/{serial}",
        lambda api, its: api.get_by_serial(its.gs1["serialNumber"], gtin=its.gs1["gtin"]),
    ),
    Read("GET /passports/{id}/qr", lambda api, its: api.get_qr(its.passport_id)),
    Read(
        "GET /passports/by-serial/{serial}/qr",
        lambda api, its: api.get_qr_by_serial(its.gs1["serialNumber"], gtin=its.gs1["gtin"]),
    ),
    Read("GET /passports", lambda api, its: api.list_passports(search=its.gs1["serialNumber"]), names=False),
    Read("GET /products/{id}", lambda api, its: api.get_product(its.product_id)),
    Read("GET /products", lambda api, its: api.list_products(search=str(its.product_id)), names=False),
)


@pytest.mark.rule(SEPARATE, "calls.name-what-exists", "auth.bearer-required", LISTS)
@pytest.mark.needs("T2")
@pytest.mark.parametrize("read", READS, ids=str)
def test_a_read_needs_a_key_of_the_workspace_and_a_name_that_exists(account: Account, read: Read) -> None:
    """The right key finds it. A key of another workspace does not, no key gets 401, and an unknown name gets 404."""
    its, api, theirs = named(account), account.api, account.another_workspace()
    expect.served(account.read(its.passport_id), "GET /passports/{id}")
    expect.served(read.send(api, its), read.operation)

    foreign = read.send(theirs.api, its)
    keyless = read.send(api.with_credential(Credential("nobody", None, None)), its)
    unknown = read.send(api, its.unknown(account.session.serial()))

    expect.declined(keyless, read.operation, 401, 403, rule="auth.bearer-required")
    answered = foreign.exchange.answer.decode(errors="replace")
    leaked = [text for text in (its.passport_id, its.spare) if text and text in answered]
    expect.same("ids of another workspace in the answer", leaked, [], foreign, rule=SEPARATE)
    if read.names:
        expect.declined(foreign, read.operation, 404, rule=SEPARATE)
        expect.declined(unknown, read.operation, 404, rule="calls.name-what-exists")
    else:
        expect.same("entries for an unknown name", shown.items(expect.served(unknown, read.operation)), [], unknown)


@pytest.mark.rule(SEPARATE, LISTS)
@pytest.mark.needs("T2")
def test_each_workspace_lists_its_own(account: Account) -> None:
    """Two workspaces have a passport and two products each. Each lists exactly its own."""
    theirs = account.another_workspace()
    for each, its in [(each, named(each)) for each in (account, theirs)]:
        each.read(its.passport_id)
        for reply, wanted in (
            (each.api.list_passports(limit="100"), [its.passport_id]),
            (each.api.list_products(limit="100"), sorted([each.product_id, its.product_id])),
        ):
            expect.served(reply, reply.exchange.path)
            found = sorted(str(entry.get("_id")) for entry in shown.items(reply))
            expect.same("the entries of the workspace", found, wanted, reply)


@pytest.mark.rule(SEPARATE, "products.model-is-unique")
@pytest.mark.needs("T2")
def test_a_model_of_another_workspace_is_free(account: Account) -> None:
    """A workspace can have a product with the model of a product of another workspace."""
    its = named(account)
    expect.served(account.api.create_product(its.new_product), "POST /products")

    reply = account.another_workspace().api.create_product(its.new_product)

    expect.true("the product to be created", reply.exchange.succeeded, reply.described, reply)


@pytest.mark.rule("reads.draw-on-own-budget")
@pytest.mark.parametrize("read", READS, ids=str)
def test_a_read_takes_one_read(account: Account, read: Read) -> None:
    """Two reads are left. The read succeeds twice; then it is refused with 429."""
    its = named(account)
    expect.served(account.read(its.passport_id), "GET /passports/{id}")
    expect.served(read.send(account.api, its), read.operation)
    account.has_reads(2)

    replies = [read.send(account.api, its) for _ in range(3)]

    expect.same("statuses of the three reads", [reply.status for reply in replies], [200, 200, 429], *replies)


@pytest.mark.rule("reads.draw-on-own-budget")
def test_templates_take_no_read(account: Account) -> None:
    """No read is left. The templates can be listed and read."""
    listed = expect.served(account.api.list_templates(), "GET /templates").members.get("templates")
    first: Any = listed[0] if isinstance(listed, list) and listed else {}
    if not isinstance(first, dict) or not isinstance(category := first.get("category"), str):
        raise Untested("a template")
    account.has_reads(0)
    expect.refused(account.api.list_passports(), 429)

    for reply in (account.api.list_templates(), account.api.get_template(category)):
        expect.true("templates without a read", reply.exchange.succeeded, reply.described, reply)
