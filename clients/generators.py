"""Linters and generators read the documents of the mock without an error, and what they generate calls the mock."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tracepass_contract.mockserver.testing import MockServer

from .matrix import NOTHING, Row
from .programs import HERE, INSTALLED, PROGRAMS
from .scenarios import WORKS

OPENAPI, CONTROL, CLIENT = "/openapi.json", "spec/control.yaml", "batch, 402, consent"
COLUMNS = (OPENAPI, CONTROL, CLIENT)
CONTROL_FILE = HERE.parent / "spec" / "control.yaml"
_BIN, _NPM = INSTALLED / "python" / "bin", HERE / "node_modules"
_GENERATED = PROGRAMS / "generated"
_SECONDS_MAX = 180  # for one command, on a busy machine
Command = Sequence[str]
Read = Callable[[str, Path], Sequence[Command]]


@dataclass(frozen=True)
class Tool:
    """A tool, its package of Python or npm, and its commands for a document.

    `read` gets a URL or a path, and a folder. `client` are the commands that run what was generated from /openapi.json;
    the base URL, a key, a product and a GTIN are appended to the last of them.
    """

    name: str
    package: str
    read: Read
    client: Sequence[Command] = ()
    program: str | None = None
    documents: Sequence[str] = (OPENAPI, CONTROL)
    reads_files_only: bool = False  # so that it gets a copy of /openapi.json, and its client the copy for the base URL


def _version(tool: Tool) -> str:
    of_npm = _NPM / tool.package / "package.json"
    if of_npm.exists():
        return f"{tool.package} {json.loads(of_npm.read_text())['version']}"
    python = sys.executable if tool.package == "schemathesis" else str(_BIN / "python")
    says = f"import importlib.metadata as m; print({tool.package!r}, m.version({tool.package!r}))"
    return _run([python, "-c", says], HERE).strip()


def _lint(program: str, *options: str) -> Read:
    return lambda document, _: [[str(_NPM / ".bin" / program), "lint", document, *options]]


def _python(name: str) -> str:
    return str(_BIN / name)


def _models(document: str, _: Path) -> Sequence[Command]:
    source = ["--url", document, "--allow-private-network"] if document.startswith("http") else ["--input", document]
    made = [
        *source,
        "--input-file-type",
        "openapi",
        "--output-model-type",
        "pydantic_v2.BaseModel",
        "--formatters",
        "builtin",
    ]
    return [
        [_python("datamodel-codegen"), *made, "--output", "generated_models.py"],
        [_python("python"), "-c", "import generated_models"],
    ]


def _python_client(document: str, folder: Path) -> Sequence[Command]:
    (folder / "config.yaml").write_text("package_name_override: generated_client\n")
    source = ["--url", document] if document.startswith("http") else ["--path", document]
    made = ["--config", "config.yaml", "--meta", "none", "--output-path", "generated_client", "--fail-on-warning"]
    return [[_python("openapi-python-client"), "generate", *source, *made]]


def _types(document: str, _: Path) -> Sequence[Command]:
    return [[str(_NPM / ".bin" / "openapi-typescript"), document, "-o", "generated.ts"]]


def _hey(document: str, _: Path) -> Sequence[Command]:
    return [[str(_NPM / ".bin" / "openapi-ts"), "-i", document, "-o", "generated", "--no-log-file"]]


def _compiled(program: str) -> Sequence[Command]:
    options = ["--strict", "--skipLibCheck", "--target", "es2022", "--module", "node16", "--outDir", "out"]
    return [[str(_NPM / ".bin" / "tsc"), *options, f"{program}.ts"], ["node", f"out/{program}.js"]]


def _postman(document: str, _: Path) -> Sequence[Command]:
    return [[str(_NPM / ".bin" / "openapi2postmanv2"), "-s", document, "-o", "collection.json"]]


def _fuzz(document: str, _: Path) -> Sequence[Command]:
    options = ["--header", "Authorization: Bearer tp_mock_unlimited", *STOCK_SCHEMATHESIS, "--seed", "1"]
    return [[str(Path(sys.executable).with_name("schemathesis")), "run", document, *options, "--max-examples", "5"]]


STOCK_SCHEMATHESIS = ("--exclude-checks", "positive_data_acceptance")  # as in the README, which says why
TOOLS: Sequence[Tool] = (
    Tool(
        "openapi-spec-validator",
        "openapi-spec-validator",
        lambda document, _: [[_python("openapi-spec-validator"), document]],
        reads_files_only=True,
    ),
    Tool("redocly", "@redocly/cli", _lint("redocly")),
    Tool(
        "spectral",
        "@stoplight/spectral-cli",
        _lint("spectral", "--ruleset", "spectral.yaml", "--fail-severity", "error"),
    ),
    Tool(
        "swagger-parser",
        "@apidevtools/swagger-parser",
        lambda document, _: [["node", str(_GENERATED / "swagger_parser.mjs"), document]],
    ),
    Tool(
        "openapi-typescript + openapi-fetch",
        "openapi-typescript",
        _types,
        _compiled("openapi_fetch"),
        "openapi_fetch.ts",
    ),
    Tool("@hey-api/openapi-ts", "@hey-api/openapi-ts", _hey, _compiled("hey_api"), "hey_api.ts"),
    Tool(
        "datamodel-code-generator",
        "datamodel-code-generator",
        _models,
        [[_python("python"), "datamodel_code_generator.py"]],
        "datamodel_code_generator.py",
    ),
    Tool(
        "openapi-python-client",
        "openapi-python-client",
        _python_client,
        [[_python("python"), "openapi_python_client.py"]],
        "openapi_python_client.py",
    ),
    Tool(
        "openapi-to-postmanv2 + newman",
        "openapi-to-postmanv2",
        _postman,
        [["node", str(_GENERATED / "postman.mjs")]],
        reads_files_only=True,
    ),
    Tool("schemathesis", "schemathesis", _fuzz, documents=(OPENAPI,)),
)


def rows(tools: Sequence[Tool], say: Callable[[str], None]) -> Sequence[Row]:
    with MockServer() as mock:
        return [_row(tool, mock, say) for tool in tools]


def _row(tool: Tool, mock: MockServer, say: Callable[[str], None]) -> Row:
    folder = INSTALLED / "generated" / tool.name.replace("/", "-").replace(" ", "")
    shutil.rmtree(folder, ignore_errors=True)
    cells = {}
    if CONTROL in tool.documents:
        cells[CONTROL] = _cell(lambda: _read(tool, str(CONTROL_FILE), folder / "control"))
    url = f"{mock.base_url}/openapi.json"
    document = str(_copy(url, folder / "api")) if tool.reads_files_only else url
    cells[OPENAPI] = _cell(lambda: _read(tool, document, folder / "api"))
    if tool.client:
        cells[CLIENT] = _cell(lambda: _use(tool, mock, folder / "api"))
    row = Row(tool.name, _version(tool), {name: cells.get(name, NOTHING) for name in COLUMNS})
    say(f"{row.name} ({row.version}): {'; '.join(f'{name}: {cell}' for name, cell in row.failures().items()) or 'all'}")
    return row


def _cell(run: Callable[[], None]) -> str:
    try:
        run()
    except (ChildProcessError, subprocess.TimeoutExpired, AssertionError) as why:
        return f"differs: {str(why)[-300:]}"
    return WORKS


def _copy(url: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "openapi.json"
    copy.write_bytes(httpx.get(url).content)
    return copy


def _read(tool: Tool, document: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spectral.yaml").write_text('extends: ["spectral:oas"]\n')
    for command in tool.read(document, folder):
        _run(command, folder)


def _use(tool: Tool, mock: MockServer, folder: Path) -> None:
    """Two are free, and the third has a price."""
    workspace = mock.workspace(passports_included=2, overage_supported=True)
    if tool.program:
        shutil.copy(_GENERATED / tool.program, folder)
    first = str(folder / "openapi.json") if tool.reads_files_only else f"{mock.base_url}/api/v1"
    *before, last = tool.client
    for command in before:
        _run(command, folder)
    said = _run([*last, first, workspace.api_key, workspace.product_id, workspace.gtin], folder)
    answers: list[tuple[int, Mapping[str, Mapping[str, object]]]] = [json.loads(line) for line in said.splitlines()]
    got = [(status, body["error"] if status == 402 else body["summary"]["created"]) for status, body in answers]
    assert got == [(200, 2), (402, "overage_required"), (200, 1)], f"answers: {got}"
    assert workspace.balances()["passports_used"] == 3


def _run(command: Command, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # for ruff, which a generator formats with
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS_MAX,
        env={**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"},
    )
    if done.returncode:
        raise ChildProcessError(f"{Path(command[0]).name}: {done.stdout[-1000:]} {done.stderr[-1000:]}".strip())
    return done.stdout
