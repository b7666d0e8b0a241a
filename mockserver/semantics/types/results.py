"""The successful answers of related endpoints. Each has its HTTP status."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .records import CountedProduct, KnownPassport, Product
from .templates import Template


@dataclass(frozen=True, slots=True)
class PassportShown:
    """A whole passport, with the labels of its template on request."""

    status: int
    passport: KnownPassport
    labels: Template | None = None


@dataclass(frozen=True, slots=True)
class PassportChanged:
    """A changed passport. The vendor shows different members for each kind of change."""

    what: Literal["suspended", "archived", "field", "party", "deleted"]
    passport: KnownPassport
    key: str = ""  # of the changed field
    slots: int = 0  # -1 for a returned slot
    status: int = 200


@dataclass(frozen=True, slots=True)
class ProductShown:
    """A whole product."""

    status: int
    counted: CountedProduct


@dataclass(frozen=True, slots=True)
class ProductChanged:
    """A changed product. `members` are the fields of the record that the call changes."""

    what: Literal["updated", "archived", "deleted"]
    product: Product
    members: Sequence[str] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `total` is the number of all matches."""

    items: Sequence[KnownPassport] | Sequence[CountedProduct]
    total: int
    page: int
    limit: int
    status: int = 200

    @property
    def total_pages(self) -> int:
        return -(-self.total // self.limit)


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code to draw: its text and its form. Colours are hexadecimal digits."""

    says: str
    form: Literal["svg", "png", "json"]
    colour: str
    background: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class TemplatesShown:
    """All templates in short, or one template with its fields."""

    templates: Sequence[Template]
    one: bool = False
    status: int = 200


Shown = PassportShown | PassportChanged | ProductShown | ProductChanged | Page | QrCode | TemplatesShown
