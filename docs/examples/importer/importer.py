"""Import any number of passports in batches of 100. An import that stopped can be started again with the same items."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

BATCH_ITEMS_MAX = 100
TRIES = 5
EXISTS = "Serial number already exists for this GTIN"


class ImportStopped(Exception):
    """The API refuses a batch, and another try would not help."""


@dataclass
class Report:
    """What became of the items. `failed` has the error of each by its serial number."""

    created: int = 0
    existing: int = 0
    failed: dict[str, str] = field(default_factory=dict)


class Importer:
    """`accept_charges` sends the consent when the quota is full. `sleep` waits before the next try."""

    def __init__(
        self, base_url: str, api_key: str, *, accept_charges: bool, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._http = httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {api_key}"})
        self._accept_charges = accept_charges
        self._sleep = sleep

    def run(self, items: Sequence[dict]) -> Report:
        report = Report()
        with self._http:
            for first in range(0, len(items), BATCH_ITEMS_MAX):
                batch = items[first : first + BATCH_ITEMS_MAX]
                for result in self._create({"passports": batch})["results"]:
                    _enter(report, result, batch[result["index"]])
        return report

    def _create(self, body: dict) -> dict:
        """The result of one batch. Consent is another body, so it needs another key."""
        reply = self._send(body)
        if reply.status_code == 402 and reply.json()["error"] == "overage_required" and self._accept_charges:
            reply = self._send({**body, "confirmOverage": True})
        if not reply.is_success:
            raise ImportStopped(f"{reply.status_code} {reply.json()['error']}")
        return reply.json()

    def _send(self, body: dict) -> httpx.Response:
        """Send a batch until it has a final answer. All tries have one key, so it is executed once."""
        content = json.dumps(body, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": hashlib.sha256(content).hexdigest()}
        for number in range(TRIES):
            try:
                reply = self._http.post("/api/v1/passports/batch", content=content, headers=headers)
            except httpx.TransportError:
                self._sleep(2**number)  # the answer is lost: perhaps the batch was executed
                continue
            if reply.status_code not in (409, 429) and reply.status_code < 500:
                return reply
            self._sleep(float(reply.headers.get("Retry-After", 2**number)))
        raise ImportStopped(f"no final answer after {TRIES} tries")


def _enter(report: Report, result: dict, item: dict) -> None:
    if result["status"] == "created":
        report.created += 1
    elif result["error"] == EXISTS:
        report.existing += 1
    else:
        report.failed[item["gs1"]["serialNumber"]] = result["error"]
