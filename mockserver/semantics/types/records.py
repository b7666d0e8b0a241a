"""Passports and products as the semantics see them: plain data.

A change replaces a record with a new one through `Effects`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

DRAFT, IN_REVIEW, SUSPENDED, ARCHIVED = "draft", "in_review", "suspended", "archived"
STATUSES = (DRAFT, IN_REVIEW, "approved", "published", SUSPENDED, "expired", ARCHIVED)  # all documented ones
ACTIVE = "active"  # of a product


class KnownPassport(NamedTuple):
    """An existing passport. `fields` and `parties` are JSON by key and by role.

    A field has `value`, `source`, `status`, `updated_at` (ISO 8601) and an optional `source_locale`.
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
    """An existing product. `default_field_values` is JSON by field key."""

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
    """A product and the number of its passports."""

    product: Product
    passports: int
