"""The refusals of related endpoints: one function each, named for its cause.

The vendor documents the statuses and few of the texts. The other texts are our own.
"""

from collections.abc import Sequence

from ..types.answers import Failed, Refusal
from ..types.records import KnownPassport
from .refusals import GTIN_FOREIGN, PRODUCT_UNKNOWN, SERIAL_TAKEN

MODEL_TAKEN = "A product with this model already exists"
_OF_FAILURE = {  # the status of a single create, and its message
    PRODUCT_UNKNOWN: (404, "/productId: no product of this workspace has this id, or it is archived."),
    GTIN_FOREIGN: (409, "/gs1/gtin: another workspace has this GTIN."),
    SERIAL_TAKEN: (409, "/gs1: a passport with this GTIN and serial number exists."),
}


def item_failed(failed: Failed) -> Refusal:
    """The failure of an item as the answer to a single create."""
    status, message = _OF_FAILURE[failed.error]
    return Refusal(failed.rule, status, failed.error, message)


def passport_unknown() -> Refusal:
    return Refusal("calls.name-what-exists", 404, "Passport not found", "No passport of this workspace has this name.")


def product_unknown() -> Refusal:
    return Refusal("calls.name-what-exists", 404, PRODUCT_UNKNOWN, "No product of this workspace has this id.")


def template_unknown(category: str) -> Refusal:
    return Refusal("calls.name-what-exists", 404, "TEMPLATE_NOT_FOUND", f"No template for the category {category!r}.")


def ambiguous_serial(found: Sequence[KnownPassport]) -> Refusal:
    message = f"{len(found)} passports have this serial number: name one of their GTINs in the query."
    return Refusal("passports.serial-alone-is-unambiguous", 409, "ambiguous_serial", message)


def archived_is_final(passport: KnownPassport) -> Refusal:
    """The vendor documents that archiving is final. We infer that an archived passport does not change any more."""
    message = f"The passport {passport.id} is archived."
    return Refusal("passports.archived-is-final", 409, "Passport is archived", message)


def not_on_this_plan(what: str) -> Refusal:
    reason = f"The free plan does not delete {what}."
    return Refusal("calls.deletion-needs-paid-plan", 403, "Forbidden", reason, reason=reason)


def not_a_draft(passport: KnownPassport) -> Refusal:
    reason = f"Only a draft that was never published can be deleted; this passport is {passport.status}."
    return Refusal("passports.only-drafts-are-deleted", 409, "Conflict", reason, reason=reason)


def field_unknown(category: str, keys: Sequence[str]) -> Refusal:
    message = f"The template of {category} has no field {', '.join(keys)}."
    return Refusal("calls.field-keys-are-of-template", 400, "invalid_field_key", message)


def field_contradicts_itself(keys: Sequence[str]) -> Refusal:
    """The vendor's pages spell the keys of fields in two ways. A call that uses both for one field must agree."""
    message = f"/defaultFieldValues/{keys[0]}: another spelling of this field has another value."
    return Refusal("calls.documented-shape", 400, "Validation error", message)


def model_taken(model: str) -> Refusal:
    return Refusal("products.model-is-unique", 409, MODEL_TAKEN, f"The model {model!r} is that of another product.")


def product_in_use(passports: int, *, archiving: bool) -> Refusal:
    kind = "non-archived passports" if archiving else "passports"
    reason = f"{passports} {kind} refer to this product."
    return Refusal("products.kept-while-used", 409, "Conflict", reason, reason=reason)
