"""What the neighbours of the batch answer when all is well; each has the HTTP status that it is sent with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .records import CountedProduct, KnownPassport, Product
from .templates import Template


@dataclass(frozen=True, slots=True)
class PassportShown:
    """One passport, whole; with what its template says of each field, where that is asked for."""

    status: int
    passport: KnownPassport
    labels: Template | None = None


@dataclass(frozen=True, slots=True)
class PassportChanged:
    """What a change did to a passport: the members that the vendor shows for this kind of change."""

    what: Literal["suspended", "archived", "field", "party", "deleted"]
    passport: KnownPassport
    key: str = ""  # of the field that changed
    slots: int = 0  # -1 for one that is given back
    status: int = 200


@dataclass(frozen=True, slots=True)
class ProductShown:
    """One product, whole."""

    status: int
    counted: CountedProduct


@dataclass(frozen=True, slots=True)
class ProductChanged:
    """What a change did to a product; `members` are the fields of the record that were asked to change."""

    what: Literal["updated", "archived", "deleted"]
    product: Product
    members: Sequence[str] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `total` counts all that match."""

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
    """A QR code to be drawn: what it says, and how it should look. Colours are hexadecimal digits."""

    says: str
    form: Literal["svg", "png", "json"]
    colour: str
    background: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class TemplatesShown:
    """The templates in short; or one of them with its fields."""

    templates: Sequence[Template]
    one: bool = False
    status: int = 200


Shown = PassportShown | PassportChanged | ProductShown | ProductChanged | Page | QrCode | TemplatesShown
