"""The reads. Each is checked for its shape and against the read budget.

Reads of passports and products share a daily budget (reads.draw-on-own-budget). Reads of templates do not count. A read
that is refused or finds nothing takes nothing; the vendor does not document this.
"""

from abc import ABC, abstractmethod
from datetime import datetime

from ..checks.other_refusals import product_unknown, template_unknown
from ..checks.refusals import malformed, over_the_read_budget
from ..types.answers import NO_EFFECTS, Check, Decision, Effects, Refusal
from ..types.gs1 import digital_link_uri
from ..types.readings import Readings
from ..types.request import NamedCall
from ..types.results import (
    Page,
    PassportShown,
    ProductShown,
    QrCode,
    Shown,
    TemplatesShown,
)
from ..types.state_view import ListQuery, StateView
from ..types.templates import TEMPLATES, template_of
from .find import passport_named

PAGE_ITEMS = 20
PAGE_ITEMS_MAX = 100


class Read(ABC):
    """One call of an operation that reads."""

    counted = True

    def __init__(self, call: NamedCall, state: StateView, readings: Readings) -> None:
        self.call = call
        self.state = state
        self.readings = readings

    @abstractmethod
    def outcome(self) -> Shown | Refusal: ...

    def list_query(self) -> ListQuery:
        """The filters and the page of the query. An empty filter counts as none."""
        filters = {name: value or None for name, value in self.call.query.items()}
        return ListQuery(
            filters.get("page") or 1,
            min(filters.get("limit") or PAGE_ITEMS, PAGE_ITEMS_MAX),  # reading reads.limit-out-of-range
            filters.get("productId"),
            filters.get("status"),
            filters.get("category"),
            filters.get("search"),
        )


def decide_read(read: Read, now: datetime) -> Decision:
    """Decide one read at `now` (aware, UTC)."""
    call, account = read.call, read.state.account
    checks: list[Check] = []
    if call.problems:
        return _refused(malformed(call.problems, read.readings), checks)
    checks.append(Check("calls.documented-shape", "passed", {}))
    if read.counted:
        if account.reads_left == 0:
            return _refused(over_the_read_budget(account, now, read.readings), checks)
        checks.append(Check("reads.draw-on-own-budget", "passed", {"needed": 1, "left": account.reads_left}))
    outcome = read.outcome()
    if isinstance(outcome, Refusal):
        return _refused(outcome, checks)
    checks.append(Check("calls.name-what-exists", "passed", {}))
    return Decision(outcome, Effects(reads=int(read.counted)), checks, is_read=True)


def _refused(refusal: Refusal, checks: list[Check]) -> Decision:
    return Decision(refusal, NO_EFFECTS, [*checks, Check(refusal.rule, "refused", {})], is_read=True)


class GetPassport(Read):
    """A passport by id or serial number. `lang` has no effect, because the mock has no translations."""

    def outcome(self) -> Shown | Refusal:
        passport = passport_named(self.call, self.state, self.readings)
        if isinstance(passport, Refusal):
            return passport
        counted = self.state.product(passport.product_id)
        template = template_of(counted.product.category) if counted else None
        return PassportShown(200, passport, template if self.call.query.get("format") == "full" else None)


class ListPassports(Read):
    """The passports, newest first. The vendor documents this order for products only."""

    def outcome(self) -> Shown:
        query = self.list_query()
        return Page(*self.state.passports_page(query), query.page, query.limit)


class PassportQr(Read):
    """The QR code of the passport's page, without the vendor's company branding."""

    def outcome(self) -> Shown | Refusal:
        passport, query = passport_named(self.call, self.state, self.readings), self.call.query
        if isinstance(passport, Refusal):
            return passport
        says = digital_link_uri(passport.gtin, passport.serial_number)
        return QrCode(
            says, query.get("format") or "svg", query.get("color") or "000000", query.get("backgroundColor") or "ffffff"
        )


class GetProduct(Read):
    """A product by id, archived or not."""

    def outcome(self) -> Shown | Refusal:
        counted = self.state.product(self.call.names["id"])
        return ProductShown(200, counted) if counted else product_unknown()


class ListProducts(Read):
    """The products, newest first. The vendor does not document what `search` searches; here it is name and model."""

    def outcome(self) -> Shown:
        query = self.list_query()
        return Page(*self.state.products_page(query), query.page, query.limit)


class ListTemplates(Read):
    """The templates. The vendor documents that this does not count as a read."""

    counted = False

    def outcome(self) -> Shown:
        return TemplatesShown(tuple(TEMPLATES.values()))


class GetTemplate(Read):
    """A template. It does not count as a read, like the list."""

    counted = False

    def outcome(self) -> Shown | Refusal:
        template = template_of(self.call.names["category"])
        return TemplatesShown((template,), one=True) if template else template_unknown(self.call.names["category"])
