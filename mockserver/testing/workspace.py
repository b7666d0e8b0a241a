"""An isolated workspace of a running mock: its access data for a client, and its control plane for a test."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import httpx

Json = Mapping[str, Any]


class Workspace:
    """An isolated workspace. It reads the current balances from the mock."""

    def __init__(self, http: httpx.Client, base_url: str, created: Json) -> None:
        self._http = http
        self._path = f"{base_url}/_mock/workspaces/{created['id']}"
        self.base_url = base_url
        self.id: str = created["id"]
        self.api_key: str = created["api_key"]
        self.product_id: str = created["product_id"]
        self.gtin: str = created["gtin"]

    def __repr__(self) -> str:
        return f"<Workspace {self.id} of {self.base_url}>"

    def item(self, serial_number: str) -> dict[str, Any]:
        """An element of `passports` with the product and the GTIN of this workspace."""
        return {"productId": self.product_id, "gs1": {"gtin": self.gtin, "serialNumber": serial_number}}

    def balances(self) -> Json:
        return self._ask("GET", "")

    def change(self, **limits: Any) -> Json:
        """Change limits and balances: writes_per_day, passports_used, … (as in PATCH /_mock/workspaces/{id}).

        `readings={"batch.mixed-status": "207"}` changes readings, `readings=None` follows those of the server.
        """
        return self._ask("PATCH", "", limits)

    def set_clock(self, now: datetime | date | str | None = None, *, frozen: bool | None = None) -> Json:
        """Set the clock, freeze it, or let it run. `now` is an aware time, a day (its beginning in UTC), or text of ISO
        8601. Raises `ValueError` for a time without a time zone.
        """
        if isinstance(now, datetime) and now.tzinfo is None:
            raise ValueError(f"{now!r} has no time zone; write {now!r} with tzinfo=UTC")
        if isinstance(now, date) and not isinstance(now, datetime):
            now = datetime.combine(now, time(), UTC)
        body = {"now": now.isoformat() if isinstance(now, datetime) else now, "frozen": frozen}
        return self._ask("PUT", "/clock", {name: value for name, value in body.items() if value is not None})

    def advance_clock(self, seconds: float) -> Json:
        return self._ask("POST", "/clock/advance", {"seconds": seconds})

    def fault(self, kind: str, **options: Any) -> Json:
        """Plan a fault for a later call: `lose-response`, `delay`, … with the options of its kind."""
        return self._ask("POST", "/faults", {"kind": kind, **options})

    def faults(self) -> Sequence[Json]:
        faults: Sequence[Json] = self._ask("GET", "/faults")["faults"]
        return faults

    def ledger(self) -> Json:
        """What the calls took: `totals`, `keys` and `entries`."""
        return self._ask("GET", "/ledger")

    def journal(self) -> Sequence[Json]:
        """The calls in full, oldest first: request, response and reasons."""
        lines = self._ask("GET", "/journal")["entries"]
        return [self._ask("GET", f"/journal/{line['entry']}") for line in lines]

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        reply = self._http.request(method, f"{self._path}{path}", json=body)
        if reply.is_error:
            raise ValueError(reply.json()["detail"])
        answer: Json = reply.json()
        return answer
