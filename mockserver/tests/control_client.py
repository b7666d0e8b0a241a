"""Clients of the control plane of an in-process mock. Each answer is checked against its document."""

import json
from typing import Any

import httpx
import jsonschema_rs

from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.spec import control_document

VALIDATORS = jsonschema_rs.validator_map_for(control_document(), validate_formats=True)


class Owner(Client):
    """A client of the control plane."""

    def ask(self, method: str, path: str, given: Any = None) -> httpx.Response:
        """One call of the control plane."""
        content = b"" if given is None else json.dumps(given).encode()
        reply = self.request(method, f"/_mock{path}", [("Content-Type", "application/json")], content)
        if reply.status_code >= 400:
            assert reply.headers["content-type"] == "application/problem+json"
            VALIDATORS["#/components/schemas/Problem"].validate(reply.json())
        return reply

    def create_workspace(self, **given: Any) -> dict[str, Any]:
        reply = self.ask("POST", "/workspaces", given)
        assert reply.status_code == 201, reply.text
        VALIDATORS["#/components/schemas/CreatedWorkspace"].validate(reply.json())
        created: dict[str, Any] = reply.json()
        return created

    def seen(self, workspace: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/workspaces/{workspace['id']}").json()
        VALIDATORS["#/components/schemas/Workspace"].validate(found)
        return found

    def create(
        self,
        workspace: dict[str, Any],
        *serials: str,
        key: str | None = None,
        api_key: str | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Create a batch of these serial numbers in a workspace."""
        passports = [
            {"productId": workspace["product_id"], "gs1": {"gtin": workspace["gtin"], "serialNumber": serial}}
            for serial in serials
        ]
        headers = [("Idempotency-Key", key)] if key else []
        body = json.dumps({"passports": passports, **more}).encode()
        return self.send(body, headers, api_key=api_key or workspace["api_key"])


class WorkspaceOwner(Owner):
    """An owner with a new workspace: sends calls to it, plans faults for it, and reads it."""

    def __init__(self, **content: Any) -> None:
        super().__init__()
        self.created = self.create_workspace(**content)

    def post(self, *serials: str, key: str | None = None, **more: Any) -> httpx.Response:
        return self.create(self.created, *serials, key=key, **more)

    def plan(self, **fault: Any) -> httpx.Response:
        return self.ask("POST", f"/workspaces/{self.created['id']}/faults", fault)

    def item(self, serial: str = "S-1", **changes: Any) -> dict[str, Any]:
        gs1 = {"gtin": self.created["gtin"], "serialNumber": serial}
        return {"productId": self.created["product_id"], "gs1": gs1, **changes}

    def read(self, what: str, schema: str) -> dict[str, Any]:
        reply = self.ask("GET", f"/workspaces/{self.created['id']}/{what}")
        VALIDATORS[f"#/components/schemas/{schema}"].validate(reply.json())
        assert self.created["api_key"] not in reply.text
        seen: dict[str, Any] = reply.json()
        return seen
