"""What the books hold of a passport and of a product, as the semantics see it: plain data.

A change is another record in the place of the old one; `Effects` carry it to the books.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

DRAFT, IN_REVIEW, SUSPENDED, ARCHIVED = "draft", "in_review", "suspended", "archived"
STATUSES = (DRAFT, IN_REVIEW, "approved", "published", SUSPENDED, "expired", ARCHIVED)  # that are documented
ACTIVE = "active"  # of a product


class KnownPassport(NamedTuple):
    """A passport of the books. `fields` and `parties` are JSON by key and by role.

    A field has its `value`, `source` and `status`, when it was `updated_at` (ISO 8601), perhaps its `source_locale`.
    """

    id: str
    product_id: str
    gtin: str
    serial_number: str
    parties: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    status: str = DRAFT
    fields: Mapping[str, Any] = {}
    published_at: datetime | None = None
    suspended_at: datetime | None = None
    suspension_reason: str | None = None
    archived_at: datetime | None = None
    completion: int = 0  # percent


class Product(NamedTuple):
    """A product of the books. `default_field_values` is JSON by field key."""

    id: str
    name: str
    model: str
    category: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    default_field_values: Mapping[str, Any] = {}
    image_urls: tuple[str, ...] = ()
    source_locale: str = "en"
    status: str = ACTIVE


class CountedProduct(NamedTuple):
    """A product and how many passports refer to it."""

    product: Product
    passports: int
