"""Wrong access, and wrong operations beside the batch."""

from typing import Any

from tracepass_contract.contract_tests.tests.independent.server.access import Access
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Refused
from tracepass_contract.contract_tests.tests.independent.server.passports import Passports
from tracepass_contract.contract_tests.tests.independent.server.rows import Row
from tracepass_contract.contract_tests.tests.independent.server.writes import Caller


class AnyScheme(Access):
    """A key is accepted as `Basic` and as `Token`, too."""

    def is_scheme(self, scheme: str) -> bool:
        return bool(scheme)


class ForeignReads(Passports):
    """An id is enough to read a passport, whoever asks."""

    def get(self, _caller: Caller, passport_id: str) -> Answered:
        sql = "SELECT id, space, product, gtin, serial, status, document FROM passports WHERE id = ?"
        row = self.rows.one(sql, passport_id)
        if row is None:
            raise Refused(404, "there is no such passport")
        return Answered(200, self.shown(row))


class PatchNotStored(Passports):
    """The change of a field is answered, and not written."""

    def store(self, caller: Caller, row: Row, changes: dict[str, Any], status: str | None = None) -> None:
        if "fields" not in changes:
            super().store(caller, row, changes, status)


class LastOmitted(Passports):
    """A list leaves out its last entry."""

    def on_page(self, rows: list[Row], page: int, limit: int) -> list[Row]:
        return super().on_page(rows[:-1], page, limit)


class SuspendCrashes(Passports):
    def suspend(self, caller: Caller, passport_id: str) -> Answered:
        raise RuntimeError(caller.space.name, passport_id)
