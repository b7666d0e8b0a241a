"""What reads show of a passport and of a product: each way to read it, compared with the others and with earlier.

Only documented members are compared, because a deployment may have others. A member that one way does not show is not
compared with the other ways.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..client.reply import Reply
from ..model.operations import Standing
from ..model.outcomes import Inconclusive, Mismatch, Untested
from ..target.workspace import Account
from . import expect

Members = Mapping[str, Any]
Documented = Mapping[str, Any]  # the names of members, each with those within it, or None for the whole value
AGREE, KEPT, LISTS = "reads.agree", "calls.changes-are-kept", "reads.lists-show-each-match-once"
GONE = (404, 410)
_TRIES = 5
_OF_WORKFLOWS = ("status", "completionPercentage", "fields")  # what a deployment may change by itself
_EACH = "*"  # every member of an object
_FIELD = dict.fromkeys(("value", "source", "status", "lastUpdatedAt", "sourceLocale"))
_PARTY = dict.fromkeys(("legalName", "gln", "country", "legacyOperatorId", "url"))
_PASSPORT: Documented = {
    **dict.fromkeys(("_id", "productId", "status", "completionPercentage", "publishedAt", "createdAt", "updatedAt")),
    **dict.fromkeys(("suspendedAt", "suspensionReason", "archivedAt")),
    "gs1": dict.fromkeys(("gtin", "serialNumber", "digitalLinkUri")),
    "fields": {_EACH: _FIELD},
    "parties": {_EACH: _PARTY},
}
_PRODUCT: Documented = dict.fromkeys(
    (
        *("_id", "name", "model", "category", "templateId", "description", "defaultFieldValues", "imageUrls"),
        *("sourceLocale", "passportCount", "status", "createdAt", "updatedAt"),
    )
)


@dataclass(frozen=True)
class Resource:
    """A passport or a product with all ways to read it."""

    account: Account
    id: str
    of: str
    documented: Documented
    read_whole: Callable[["Resource"], Reply]

    def look(self) -> Reply:
        """The answer to the read by id. Raises `Mismatch` where another way to read it shows something else."""
        found = self._patiently(lambda: self.read_whole(self))
        self.account.let_pass(1)  # so that a change has a later time
        return found

    def later(self, before: Reply, cause: Reply) -> Reply:
        """The read after calls that change something else. A workflow of the deployment may have gone on meanwhile."""

        def seen() -> Reply:
            found = self.read_whole(self)
            self._kept(before, found, cause, _OF_WORKFLOWS)
            return found

        return self._patiently(seen)

    def after(self, before: Reply, cause: Reply, *, but: Collection[str], shows: Members | None = None) -> Reply:
        """The read after a call: it shows these members, and all but those that may change are as before."""

        def seen() -> Reply:
            found = self.read_whole(self)
            self._kept(before, found, cause, but)
            self._holds(found, shows or {}, cause)
            self._is_newer(before, found, cause, changed=bool(but))
            return found

        if before is not cause:
            self._says_what_changed(cause, but)

        found = self._patiently(seen)
        self.account.let_pass(1)
        return found

    def _patiently(self, look: Callable[[], Reply]) -> Reply:
        """Look again for some seconds: a change may show later, as a new passport may (items.read-your-writes)."""
        for _ in range(_TRIES):
            try:
                return look()
            except Mismatch as error:
                mismatch = error
                self.account.let_pass(1)
        raise mismatch

    def agrees(self, whole: Reply, other: Members, reply: Reply) -> None:
        """Another answer shows the same values, as far as it shows them."""
        wanted, found = self._documented(whole.shown), self._documented(other)
        for name in wanted.keys() & found.keys():
            expect.same(f"`{name}` as in the single read", found[name], wanted[name], whole, reply, rule=AGREE)

    def _kept(self, before: Reply, found: Reply, cause: Reply, but: Collection[str]) -> None:
        now = self._documented(found.shown)
        for name, value in self._documented(before.shown).items():
            if name not in {*but, "updatedAt"}:
                expect.same(f"`{name}` after the call", now.get(name), value, before, cause, found, rule=KEPT)

    def _holds(self, found: Reply, shows: Members, cause: Reply) -> None:
        """A member that the read lacks counts only where the deployment has the suite's own document."""
        now = self._documented(found.shown)
        for name, value in self._documented(shows).items():
            if name in now or found.standing is Standing.OURS:
                wanted = {**now.get(name, {}), **value} if name == "fields" else value
                expect.same(f"`{name}` after the call", now.get(name), wanted, cause, found, rule=KEPT)

    def _says_what_changed(self, cause: Reply, but: Collection[str]) -> None:
        """The answer has the id and a changed member, as the suite's own document says (calls.answer-to-changes)."""
        if but and cause.exchange.succeeded and cause.standing is Standing.OURS:
            expect.same("`_id` in the answer", cause.shown.get("_id"), self.id, cause, rule=KEPT)
            said = sorted(cause.shown.keys() & set(but))
            expect.true(f"one of {', '.join(but)} in the answer", said, sorted(cause.shown), cause, rule=KEPT)

    def _is_newer(self, before: Reply, found: Reply, cause: Reply, *, changed: bool) -> None:
        """`updatedAt` moves with a change, as the suite's own document says, and never back."""
        earlier, later = before.shown.get("updatedAt"), found.shown.get("updatedAt")
        if isinstance(earlier, str) and isinstance(later, str) and found.standing is Standing.OURS:
            moved = earlier < later if changed else earlier == later
            expected = f"`updatedAt` {'after' if changed else 'as'} {earlier}"
            expect.true(expected, moved, later, before, cause, found, rule=KEPT)

    def _documented(self, members: Members) -> dict[str, Any]:
        return dict(_only(members, self.documented))


def passport(account: Account, passport_id: str) -> Resource:
    return Resource(account, passport_id, "passport", _PASSPORT, _whole_passport)


def product(account: Account, product_id: str) -> Resource:
    return Resource(account, product_id, "product", _PRODUCT, _whole_product)


def gone(account: Account, ask: Callable[[], Reply], operation: str, cause: Reply) -> None:
    """A read does not find the resource any more, if the deployment serves the read."""
    reply = account.eventually(ask, lambda each: each.status in GONE)
    found = reply.status in GONE or not expect.is_served(reply)
    expect.true(f"{operation} to find nothing after the deletion", found, reply.described, cause, reply, rule=KEPT)


def items(reply: Reply) -> list[Members]:
    """The entries of a page."""
    found = reply.shown.get("items")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def entry(reply: Reply, named: str) -> Members | None:
    """The entry of a page with this id."""
    return next((each for each in items(reply) if each.get("_id") == named), None)


def is_there(reply: Reply, operation: str) -> bool:
    """Whether another way to read is served. Raises `Mismatch` where it should succeed and does not."""
    try:
        expect.served(reply, operation)
    except (Untested, Inconclusive):
        return False
    return True


def _whole_passport(resource: Resource) -> Reply:
    account, api = resource.account, resource.account.api
    whole = expect.served(account.read(resource.id), "GET /passports/{id}")
    gs1 = whole.shown.get("gs1")
    if not isinstance(gs1, dict) or not isinstance(serial := gs1.get("serialNumber"), str):
        raise Mismatch("a passport with its `gs1`", whole.described, [whole.number], "items.created-is-readable")
    gtin = str(gs1.get("gtin"))
    by_serial = account.eventually(lambda: api.get_by_serial(serial, gtin=gtin), lambda reply: reply.status != 404)
    if is_there(by_serial, "GET /passports/by-serial/{serial}"):
        resource.agrees(whole, by_serial.shown, by_serial)
    listed = account.eventually(
        lambda: api.list_passports(search=serial), lambda reply: entry(reply, resource.id) is not None
    )
    _is_listed(resource, whole, listed, "GET /passports")
    return whole


def _whole_product(resource: Resource) -> Reply:
    api = resource.account.api
    whole = expect.served(api.get_product(resource.id), "GET /products/{id}")
    _is_listed(resource, whole, api.list_products(search=str(whole.shown.get("model"))), "GET /products")
    return whole


def _is_listed(resource: Resource, whole: Reply, listed: Reply, operation: str) -> None:
    if not is_there(listed, operation):
        return
    found = entry(listed, resource.id)
    if found is None:
        wanted = f"the {resource.of} in a list that is searched for it"
        raise Mismatch(wanted, f"{len(items(listed))} others", [whole.number, listed.number], LISTS)
    resource.agrees(whole, found, listed)


def _only(members: Members, documented: Documented) -> Iterator[tuple[str, Any]]:
    """The documented members, recursively."""
    for name, value in members.items():
        within = documented.get(name, documented.get(_EACH))
        if name in documented or _EACH in documented:
            yield name, dict(_only(value, within)) if within and isinstance(value, dict) else value
