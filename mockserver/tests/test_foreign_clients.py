"""Clients of other languages in their default settings: a batch, its replay, a refusal, and consent to the charge."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tracepass_contract.mockserver.tests.commandline import running

CLIENTS = Path(__file__).with_name("clients")
KEY = "one-key-for-one-batch"
COMMANDS = [
    pytest.param(["java", str(CLIENTS / "Create.java")], marks=pytest.mark.tool("java"), id="java.net.http"),
    pytest.param(["node", str(CLIENTS / "create.mjs")], marks=pytest.mark.tool("node"), id="fetch of node"),
    pytest.param(["bash", str(CLIENTS / "create.sh")], marks=pytest.mark.tool("bash", "curl"), id="curl --http2"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_client_of_another_language_creates_a_batch_and_accepts_a_charge(command: Sequence[str]) -> None:
    """`localhost` stands for the address: clients differ in what they make of it."""
    with running("--port", "0") as mock:
        workspace = httpx.post(
            f"{mock.ready['control_url']}/workspaces", json={"passports_included": 2, "overage_supported": True}
        ).json()
        first, over = batch(workspace, 2), batch(workspace, 1, first=2)
        url = f"{mock.ready['base_url'].replace('127.0.0.1', 'localhost')}/api/v1/passports/batch"
        arguments = [url, workspace["api_key"], KEY]

        created, replayed = answers([*command, *arguments, json.dumps(first), json.dumps(first)])
        arguments[2] = "another key"
        refused, accepted = answers(
            [*command, *arguments, json.dumps(over), json.dumps({**over, "confirmOverage": True})]
        )

    assert created == replayed
    assert (created[0], created[1]["summary"]) == (200, {"created": 2, "errors": 0, "total": 2})
    assert (refused[0], refused[1]["error"]) == (402, "overage_required")
    assert (accepted[0], accepted[1]["summary"]) == (200, {"created": 1, "errors": 0, "total": 1})


def batch(workspace: Any, items: int, first: int = 0) -> dict[str, Any]:
    numbers = range(first, first + items)
    gs1 = [{"gtin": workspace["gtin"], "serialNumber": f"S-{number}"} for number in numbers]
    return {"passports": [{"productId": workspace["product_id"], "gs1": each} for each in gs1]}


def answers(command: Sequence[str]) -> list[tuple[int, Any]]:
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    lines = [line.partition(" ") for line in said.splitlines()]
    return [(int(status), json.loads(body)) for status, _, body in lines]
