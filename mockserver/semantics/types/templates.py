"""The templates of the mock: a small set with a few of the fields that each law requires.

They are not those of the vendor. They are enough to list templates, to read one, and to refuse an unknown field key.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class TemplateField(NamedTuple):
    """A field of a template."""

    key: str
    label: str
    type: str
    required: bool
    unit: str | None = None
    access_level: str = "public"


@dataclass(frozen=True, slots=True)
class Template:
    """The fields of the passports of a category."""

    category: str
    label: str
    regulation: str
    fields: Sequence[TemplateField]
    version: str = "1"

    @property
    def required(self) -> frozenset[str]:
        return frozenset(field.key for field in self.fields if field.required)


TEMPLATES: Mapping[str, Template] = {
    template.category: template
    for template in (
        Template(
            "battery",
            "Batteries",
            "Regulation (EU) 2023/1542",
            (
                TemplateField("battery_chemistry", "Battery chemistry", "string", required=True),
                TemplateField("rated_capacity", "Rated capacity", "number", required=True, unit="Ah"),
                TemplateField("nominal_voltage", "Nominal voltage", "number", required=True, unit="V"),
                TemplateField("carbon_footprint", "Carbon footprint", "number", required=True, unit="kg CO2e/kWh"),
                TemplateField("recycled_content", "Recycled content", "number", required=False, unit="%"),
                TemplateField(
                    "dismantling_information",
                    "Dismantling information",
                    "string",
                    required=False,
                    access_level="restricted",
                ),
            ),
        ),
        Template(
            "textile",
            "Textiles",
            "Regulation (EU) 2024/1781",
            (
                TemplateField("fibre_composition", "Fibre composition", "array", required=True),
                TemplateField("country_of_origin", "Country of origin", "string", required=True),
                TemplateField("care_instructions", "Care instructions", "string", required=False),
            ),
        ),
        Template(
            "steel",
            "Iron and steel",
            "Regulation (EU) 2024/1781",
            (
                TemplateField("steel_grade", "Steel grade", "string", required=True),
                TemplateField("recycled_content", "Recycled content", "number", required=True, unit="%"),
            ),
        ),
    )
}
# The vendor's pages use both the singular and the plural for categories, so the mock accepts both.
_PLURALS = {"batteries": "battery", "textiles": "textile", "iron-steel": "steel"}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def template_of(category: str) -> Template | None:
    """The template of a category, or None. The category may be singular or plural."""
    return TEMPLATES.get(_PLURALS.get(category, category))


def template_field(template: Template, key: str) -> TemplateField | None:
    """A field by its key in snake_case or camelCase. The vendor's pages use both."""
    wanted = _HUMP.sub("_", key).lower()
    return next((field for field in template.fields if field.key == wanted), None)


def field_key(category: str, key: str) -> str:
    """The key of a field as its template spells it: `rated_capacity` and `ratedCapacity` are one field. A key that the
    template does not have stays as it is, and so does each key of a category without a template.
    """
    template = template_of(category)
    field = template_field(template, key) if template else None
    return field.key if field else key


def by_field_key(category: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[str]]:
    """The values by `field_key`, and the keys that give a field another value than an earlier key."""
    merged: dict[str, Any] = {}
    contradicting = []
    for key, value in values.items():
        if merged.setdefault(field_key(category, key), value) != value:
            contradicting.append(key)
    return merged, contradicting


def unknown_keys(category: str, keys: Sequence[str]) -> Sequence[str]:
    """The keys that the template does not have. None are unknown for a category without a template."""
    template = template_of(category)
    return [key for key in keys if template_field(template, key) is None] if template else ()


def completion(category: str, fields: Mapping[str, Mapping[str, object]]) -> int:
    """The percentage of required fields that are approved, rounded down.

    The vendor shows this number and does not document how it counts.
    """
    template = template_of(category)
    if not fields or template is None:
        return 0
    approved = {template_field(template, key) for key, field in fields.items() if field["status"] == "approved"}
    done = template.required & {field.key for field in approved if field}
    return 100 * len(done) // len(template.required)
