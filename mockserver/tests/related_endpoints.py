"""Helpers for the tests of related endpoints: a passport, a product, and unknown names."""

from typing import Any

import httpx

from tracepass_contract.mockserver.tests.client import Client

NO_OWNER = "0" * 24
GLN = "4012345000009"


def created(client: Client, serial: str = "S-1", **changes: Any) -> str:
    """Create a passport. Return its id."""
    reply = client.api("POST", "/passports", client.item(serial, **changes))
    assert reply.status_code == 201, reply.text
    passport_id: str = reply.json()["_id"]
    return passport_id


def product(client: Client, model: str = "M-1", **more: Any) -> httpx.Response:
    return client.api("POST", "/products", {"name": "Pack", "model": model, "category": "battery", **more})
