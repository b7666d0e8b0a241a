"""The templates that the mock has: a small set, with a few of the fields that each law asks for.

They are no copy of the vendor's: enough to list, to look one up, and to say that a field key does not exist.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class TemplateField(NamedTuple):
    """A field of a template. `unit` is None for a field without one."""

    key: str
    label: str
    type: str
    required: bool
    unit: str | None = None
    access_level: str = "public"


@dataclass(frozen=True, slots=True)
class Template:
    """What the passports of a category hold."""

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
# Some of the vendor's pages spell categories in the plural, others in the singular: both are taken.
_PLURALS = {"batteries": "battery", "textiles": "textile", "iron-steel": "steel"}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def template_of(category: str) -> Template | None:
    """The template of a category, in either of its spellings; None for one that the mock has no template for."""
    return TEMPLATES.get(_PLURALS.get(category, category))


def template_field(template: Template, key: str) -> TemplateField | None:
    """A field by its key. The vendor's pages spell keys in snake_case and in camelCase: both are taken."""
    wanted = _HUMP.sub("_", key).lower()
    return next((field for field in template.fields if field.key == wanted), None)


def unknown_keys(category: str, keys: Sequence[str]) -> Sequence[str]:
    """Which keys are not on the template. Of a category without one, nothing can be said."""
    template = template_of(category)
    return [key for key in keys if template_field(template, key) is None] if template else ()


def completion(category: str, fields: Mapping[str, Mapping[str, object]]) -> int:
    """How many of the required fields are approved, in percent, rounded down.

    The vendor shows the number and does not say how it counts.
    """
    template = template_of(category)
    if not fields or template is None:
        return 0
    approved = {template_field(template, key) for key, field in fields.items() if field["status"] == "approved"}
    done = template.required & {field.key for field in approved if field}
    return 100 * len(done) // len(template.required)
