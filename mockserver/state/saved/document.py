"""The types of the document that contains the whole state."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from ...semantics.types.accounts import Plan
from ...semantics.types.answers import Remembered
from ...semantics.types.records import Product
from ..journal import Entry, Row
from ..planned_faults import PlannedFault
from ..workspace import Passport, Totals

FORMAT: Final = "tracepass-mock-state"
VERSION: Final = 3
COPIED_MEMBERS = (
    *("writes_used", "writes_day", "reads_used", "reads_day", "passports_used"),
    *("product_id", "gtin", "keys_given", "ids_given", "product_ids_given"),
)
Count = Annotated[int, msgspec.Meta(ge=0)]


class SavedWorkspace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One workspace. `clock_ahead` is the difference between its clock and the machine's, if it is not frozen."""

    id: str
    plan: Plan
    subscription_active: bool
    clock_ahead: timedelta
    clock_frozen_at: datetime | None
    writes_used: Count
    writes_day: date
    passports_used: Count
    product_id: str
    gtin: str
    keys_given: Count
    ids_given: Count
    api_keys: list[str]
    reads_used: Count
    reads_day: date
    product_ids_given: Count
    products: list[Product]
    passports: list[Passport]
    pairs: dict[str, dict[str, str]]
    answers: list[tuple[tuple[str, ...], Remembered]]
    totals: Totals
    entries: list[Entry]
    rows: list[Row]
    entries_written: Count
    faults: list[PlannedFault]
    faults_planned: Count
    readings: dict[str, str] | None = None  # those that differ from the default; states of older mocks have none


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All workspaces and the readings."""

    format: Literal["tracepass-mock-state"] = FORMAT
    version: Literal[3] = VERSION
    readings: dict[str, str]
    workspaces_created: Count
    gtin_holders: dict[str, str]
    workspaces: list[SavedWorkspace]
