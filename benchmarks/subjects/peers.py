"""Mock servers for any API, from npm, with pinned versions: installed into benchmarks/.peers, with our document."""

import json
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracepass_contract.spec import openapi_document

FOLDER = Path(__file__).resolve().parents[1] / ".peers"
INSTALL_SECONDS_MAX = 300
_MODULES = FOLDER / "node_modules"
_DOCUMENT = FOLDER / "openapi.json"
_WITHOUT_RANGES = FOLDER / "openapi-without-5XX.json"
_STUBS = FOLDER / "wiremock"
PY_SPY = "py-spy==0.4.3"


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool and how it is started."""

    id: str
    title: str
    package: str
    version: str
    command: tuple[str, ...]
    base_path: str = "/api/v1"
    also_lacks: str = ""


def _module(path: str) -> str:
    return str(_MODULES / path)


PEERS = (
    Peer(
        "prism",
        "Prism",
        "@stoplight/prism-cli",
        "5.14.2",
        ("node", _module("@stoplight/prism-cli/dist/index.js"), "mock", "-v", "warn", "-p", "{port}", str(_DOCUMENT)),
        base_path="",
    ),
    Peer(
        "mockoon",
        "Mockoon",
        "@mockoon/cli",
        "9.9.0",
        ("node", _module("@mockoon/cli/bin/run.js"), "start", "-X", "-d", str(_DOCUMENT), "-p", "{port}"),
        also_lacks="validation of requests; ",
    ),
    Peer(
        "wiremock",
        "WireMock",
        "wiremock",
        "3.13.2",
        (
            *("java", "-jar", _module("wiremock/build/wiremock-standalone-3.13.2.jar"), "--port", "{port}"),
            *("--root-dir", str(_STUBS), "--disable-banner", "--no-request-journal"),
        ),
        also_lacks="OpenAPI: it has one stub for each call; validation of requests; ",
    ),
    Peer(
        "specmatic",
        "Specmatic",
        "specmatic",
        "2.55.1",
        (
            *("java", "-jar", _module("specmatic/specmatic.jar"), "mock", "--lenient", "--noConsoleLog"),
            *("--port", "{port}", str(_WITHOUT_RANGES)),
        ),
        base_path="",
        also_lacks="statuses as 5XX; ",
    ),
)


def install(ids: Collection[str] | None = None) -> dict[str, str]:
    """Install those of these peers (None: all) that are not there. By peer, why it could not be."""
    FOLDER.mkdir(exist_ok=True)
    _write_documents()
    failures = {}
    for peer in PEERS:
        is_wanted = ids is None or peer.id in ids
        if is_wanted and not _is_there(peer) and (reason := _npm(f"{peer.package}@{peer.version}")):
            failures[peer.id] = reason
    return failures


def _is_there(peer: Peer) -> bool:
    package = _MODULES / peer.package / "package.json"
    return package.exists() and json.loads(package.read_text(encoding="utf-8"))["version"] == peer.version


def _npm(package: str) -> str | None:
    """Why it could not be installed, if so."""
    if shutil.which("npm") is None:
        return "npm is not there"
    command = ["npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", "--loglevel=error", package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return f"npm install took more than {INSTALL_SECONDS_MAX} seconds"
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error" in line] or ["npm install failed"]
    return lines[0].removeprefix("npm error ").strip()


def _write_documents() -> None:
    document = openapi_document()
    _DOCUMENT.write_text(json.dumps(document), encoding="utf-8")
    for methods in document["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict):
                operation["responses"].pop("5XX", None)
    _WITHOUT_RANGES.write_text(json.dumps(document), encoding="utf-8")
    mappings = _STUBS / "mappings"
    mappings.mkdir(parents=True, exist_ok=True)
    for name, stub in _stubs(document).items():
        (mappings / f"{name}.json").write_text(json.dumps(stub), encoding="utf-8")


def _stubs(document: dict[str, Any]) -> dict[str, Any]:
    """A stub for each of the two calls, with the example of the document."""
    answers = document["components"]["responses"]
    stubs = {}
    for name, method, path, response in (
        ("batch", "POST", "/api/v1/passports/batch", "BatchResult"),
        ("list", "GET", "/api/v1/passports", "PassportList"),
    ):
        (example, *_) = answers[response]["content"]["application/json"]["examples"].values()
        stubs[name] = {
            "request": {"method": method, "urlPath": path},
            "response": {
                "status": 200,
                "jsonBody": example["value"],
                "headers": {"Content-Type": "application/json"},
            },
        }
    return stubs
