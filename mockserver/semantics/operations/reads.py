"""What every read goes through, and the reads: the shape, the budget of reads, then what is asked for.

Reads draw on a daily budget of their own, that of passports and products together (reads.draw-on-own-budget); templates
are not counted. A read that is refused, or that finds nothing, takes nothing: the vendor does not say.
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

    def wanted(self) -> ListQuery:
        """The part of a list that the query names. An empty text asks for nothing."""
        filters = {name: value or None for name, value in self.call.query.items()}
        return ListQuery(
            filters.get("page") or 1,
            min(filters.get("limit") or PAGE_ITEMS, PAGE_ITEMS_MAX),  # more comes here only where it is clamped
            filters.get("productId"),
            filters.get("status"),
            filters.get("category"),
            filters.get("search"),
        )


def decide_read(read: Read, now: datetime) -> Decision:
    """Decide one read of a known workspace at `now` (aware, UTC)."""
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
    """By id or by serial number. `lang` has nothing to drop here: the mock translates nothing."""

    def outcome(self) -> Shown | Refusal:
        passport = passport_named(self.call, self.state, self.readings)
        if isinstance(passport, Refusal):
            return passport
        counted = self.state.product(passport.product_id)
        template = template_of(counted.product.category) if counted else None
        return PassportShown(200, passport, template if self.call.query.get("format") == "full" else None)


class ListPassports(Read):
    """The newest first, as the vendor says of products; of passports it does not."""

    def outcome(self) -> Shown:
        wanted = self.wanted()
        return Page(*self.state.passports_page(wanted), wanted.page, wanted.limit)


class PassportQr(Read):
    """The code that leads to the passport's page. The mock has no company branding to use."""

    def outcome(self) -> Shown | Refusal:
        passport, query = passport_named(self.call, self.state, self.readings), self.call.query
        if isinstance(passport, Refusal):
            return passport
        says = digital_link_uri(passport.gtin, passport.serial_number)
        return QrCode(
            says, query.get("format") or "svg", query.get("color") or "000000", query.get("backgroundColor") or "ffffff"
        )


class GetProduct(Read):
    """By id, archived or not."""

    def outcome(self) -> Shown | Refusal:
        counted = self.state.product(self.call.names["id"])
        return ProductShown(200, counted) if counted else product_unknown()


class ListProducts(Read):
    """The newest first. What `search` looks at is not published: here, name and model."""

    def outcome(self) -> Shown:
        wanted = self.wanted()
        return Page(*self.state.products_page(wanted), wanted.page, wanted.limit)


class ListTemplates(Read):
    """Not counted against the reads, as the vendor says."""

    counted = False

    def outcome(self) -> Shown:
        return TemplatesShown(tuple(TEMPLATES.values()))


class GetTemplate(Read):
    """Not counted either: the vendor says so of the list."""

    counted = False

    def outcome(self) -> Shown | Refusal:
        template = template_of(self.call.names["category"])
        return TemplatesShown((template,), one=True) if template else template_unknown(self.call.names["category"])
