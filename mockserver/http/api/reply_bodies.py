"""The JSON bodies of related endpoints: lists under `data`, plain records, summaries of deletions."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from ...semantics.types.gs1 import digital_link_uri
from ...semantics.types.records import CountedProduct, KnownPassport
from ...semantics.types.results import (
    Page,
    PassportChanged,
    PassportShown,
    ProductChanged,
    ProductShown,
    TemplatesShown,
)
from ...semantics.types.templates import Template, TemplateField, template_field, template_of

Json = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PASSPORT_PARTS = (  # parts of a deleted passport that the vendor counts; the mock has none of them
    "extractions",
    "agentSessions",
    "serviceEvents",
    "scanEvents",
    "ownershipTransfers",
    "supplierRequestRefsRemoved",
    "supplierRequestsDeleted",
    "epcisEventRefsRemoved",
    "epcisEventsDeleted",
    "documentRefsRemoved",
    "documentsDeleted",
    "r2ObjectsDeleted",
    "documentR2ObjectsDeleted",
)
PRODUCT_MEMBERS = {  # member of a product by field of the record
    "name": "name",
    "model": "model",
    "description": "description",
    "default_field_values": "defaultFieldValues",
    "image_urls": "imageUrls",
    "status": "status",
    "source_locale": "sourceLocale",
}


def timestamp(moment: datetime) -> str:
    """RFC 3339 with milliseconds, UTC."""
    since = moment - _EPOCH
    return f"{_of_second(since.days, since.seconds)}.{since.microseconds // 1000:03d}Z"


@lru_cache(maxsize=256)
def _of_second(day: int, second: int) -> str:
    return (_EPOCH + timedelta(day, second)).strftime("%Y-%m-%dT%H:%M:%S")


def as_json(
    answer: PassportShown | PassportChanged | ProductShown | ProductChanged | Page | TemplatesShown,
) -> Json:
    match answer:
        case PassportShown(passport=known, labels=labels):
            return passport(known, labels)
        case PassportChanged():
            return _passport_changed(answer)
        case ProductShown(counted=counted):
            return product(counted)
        case ProductChanged():
            return _product_changed(answer)
        case TemplatesShown(templates=templates, one=one):
            return _template(templates[0]) if one else {"templates": [_in_short(each) for each in templates]}
        case Page():
            return {"data": _page(answer)}


def passport(known: KnownPassport, labels: Template | None = None) -> Json:
    """A whole passport. It has no member for a state that it never had (suspended, archived)."""
    shown = {
        "_id": known.id,
        "productId": known.product_id,
        "gs1": _gs1(known),
        "status": known.status,
        "fields": {key: _field(key, field, labels) for key, field in known.fields.items()},
        "parties": dict(known.parties),
        "completionPercentage": known.completion,
        "publishedAt": _at(known.published_at),
        "createdAt": timestamp(known.created_at),
        "updatedAt": timestamp(known.updated_at),
    }
    if known.suspended_at:
        shown |= {"suspendedAt": timestamp(known.suspended_at), "suspensionReason": known.suspension_reason}
    if known.archived_at:
        shown["archivedAt"] = timestamp(known.archived_at)
    return shown


def product(counted: CountedProduct) -> Json:
    """A whole product. Its `templateId` is null if the mock has no template for the category."""
    it, passports = counted
    template = template_of(it.category)
    return {
        "_id": it.id,
        "name": it.name,
        "model": it.model,
        "category": it.category,
        "templateId": template.category if template else None,
        "description": it.description,
        "defaultFieldValues": dict(it.default_field_values),
        "imageUrls": list(it.image_urls),
        "sourceLocale": it.source_locale,
        "passportCount": passports,
        "status": it.status,
        "createdAt": timestamp(it.created_at),
        "updatedAt": timestamp(it.updated_at),
    }


def _passport_changed(answer: PassportChanged) -> Json:
    """The members that the vendor shows. Where it shows none: the id, the changed part and the time."""
    known = answer.passport
    match answer.what:
        case "suspended":
            return {
                "_id": known.id,
                "status": known.status,
                "suspendedAt": _at(known.suspended_at),
                "suspensionReason": known.suspension_reason,
            }
        case "archived":
            return {"_id": known.id, "status": known.status, "archivedAt": _at(known.archived_at)}
        case "field":
            fields = {answer.key: _field(answer.key, known.fields[answer.key], None)}
            return {
                "_id": known.id,
                "fields": fields,
                "completionPercentage": known.completion,
                "updatedAt": timestamp(known.updated_at),
            }
        case "party":
            return {"_id": known.id, "parties": dict(known.parties), "updatedAt": timestamp(known.updated_at)}
    summary = {
        "passportId": known.id,
        "serialNumber": known.serial_number,
        "gtin": known.gtin,
        "deletedCounts": dict.fromkeys(_PASSPORT_PARTS, 0),
        "dppsActiveDelta": answer.slots,
    }
    return {"message": "Passport permanently deleted", "summary": summary}


def _product_changed(answer: ProductChanged) -> Json:
    it = answer.product
    match answer.what:
        case "updated":
            changed = {PRODUCT_MEMBERS[name]: getattr(it, name) for name in answer.members}
            return {"_id": it.id, **changed, "updatedAt": timestamp(it.updated_at)}
        case "archived":
            return {"_id": it.id, "status": it.status, "updatedAt": timestamp(it.updated_at)}
    summary = {"productId": it.id, "name": it.name, "deletedCounts": {}}
    return {"message": "Product permanently deleted", "summary": summary}


def _page(page: Page) -> Json:
    return {
        "items": [
            _product_in_list(each) if isinstance(each, CountedProduct) else _in_list(each) for each in page.items
        ],
        "total": page.total,
        "page": page.page,
        "limit": page.limit,
        "totalPages": page.total_pages,
    }


def _in_list(known: KnownPassport) -> Json:
    return {
        "_id": known.id,
        "productId": known.product_id,
        "gs1": _gs1(known),
        "status": known.status,
        "completionPercentage": known.completion,
        "publishedAt": _at(known.published_at),
    }


def _product_in_list(counted: CountedProduct) -> Json:
    whole = product(counted)
    return {name: whole[name] for name in ("_id", "name", "model", "category", "passportCount", "status", "createdAt")}


def _gs1(known: KnownPassport) -> Json:
    uri = digital_link_uri(known.gtin, known.serial_number)
    return {"gtin": known.gtin, "serialNumber": known.serial_number, "digitalLinkUri": uri}


def _field(key: str, field: Mapping[str, Any], labels: Template | None) -> Json:
    at = timestamp(datetime.fromisoformat(field["updated_at"]))
    shown = {"value": field["value"], "source": field["source"], "status": field["status"], "lastUpdatedAt": at}
    if "source_locale" in field:
        shown["sourceLocale"] = field["source_locale"]
    described = template_field(labels, key) if labels else None
    if described:
        shown |= {"label": described.label, "unit": described.unit, "accessLevel": described.access_level}
    return shown


def _in_short(template: Template) -> Json:
    return {
        "category": template.category,
        "categoryLabel": template.label,
        "fieldCount": len(template.fields),
        "requiredFieldCount": len(template.required),
        "regulation": template.regulation,
        "version": template.version,
    }


def _template(template: Template) -> Json:
    return {**_in_short(template), "fields": [_template_field(field) for field in template.fields]}


def _template_field(field: TemplateField) -> Json:
    return {
        "key": field.key,
        "label": field.label,
        "type": field.type,
        "required": field.required,
        "unit": field.unit,
        "accessLevel": field.access_level,
    }


def _at(moment: datetime | None) -> str | None:
    return timestamp(moment) if moment else None
