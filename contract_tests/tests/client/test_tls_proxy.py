"""A run through a real TLS proxy: HAProxy with a certificate of an own authority, which wants a header."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tracepass_contract.contract_tests.checks.fuzzing.network import access_from
from tracepass_contract.contract_tests.checks.fuzzing.spending import Ceilings
from tracepass_contract.contract_tests.checks.fuzzing.transport import watching
from tracepass_contract.contract_tests.model.history_lines import from_lines
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.tests.helpers.command import at_once

pytestmark = pytest.mark.tool("haproxy", "openssl")
TOKEN = "gateway-token-4711"
HEADER = f"X-Gateway-Token: {TOKEN}"
WORKSPACE = ("--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087", "--no-control-plane")
KEY = {"TRACEPASS_CHECK_API_KEY": "tp_mock_unlimited"}
CONFIGURATION = """
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend gateway
  bind 127.0.0.1:{port} ssl crt {folder}/server.pem
  http-request deny deny_status 403 unless {{ req.hdr(X-Gateway-Token) -m str {token} }}
  http-request del-header X-Gateway-Token
  default_backend mock
backend mock
  server mock {mock}
"""


@dataclass(frozen=True)
class Gateway:
    url: str
    ca: Path


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def certificates(folder: Path) -> Path:
    """An authority, and a certificate of it for 127.0.0.1."""
    ca, extensions = folder / "ca.pem", folder / "extensions"
    extensions.write_text("subjectAltName=IP:127.0.0.1\n")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    of_ca = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", "-x509", *new, *of_ca, "-subj", "/CN=Own authority", "-keyout", folder / "ca.key", "-out", ca)
    openssl("req", *new, "-subj", "/CN=gateway", "-keyout", folder / "server.key", "-out", folder / "server.csr")
    signed = ("-CA", ca, "-CAkey", folder / "ca.key", "-extfile", extensions, "-out", folder / "server.crt")
    openssl("x509", "-req", "-in", folder / "server.csr", *signed)
    (folder / "server.pem").write_text((folder / "server.crt").read_text() + (folder / "server.key").read_text())
    return ca


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def is_up(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder, port = tmp_path_factory.mktemp("gateway"), free_port()
    ca, configuration = certificates(folder), folder / "haproxy.cfg"
    with forked_mock() as mock_url:
        mock = mock_url.removeprefix("http://")
        configuration.write_text(CONFIGURATION.format(port=port, folder=folder, token=TOKEN, mock=mock))
        haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin") or "haproxy"
        with subprocess.Popen([haproxy, "-db", "-f", str(configuration)], stderr=subprocess.DEVNULL) as process:
            try:
                while not is_up(port) and process.poll() is None:
                    time.sleep(0.02)  # HAProxy does not say when it listens
                yield Gateway(f"https://127.0.0.1:{port}", ca)
            finally:
                process.terminate()


def test_a_run_goes_through_it(gateway: Gateway, tmp_path: Path) -> None:
    """With the authority and the header; and no output has the header's value."""
    history, report = tmp_path / "run.jsonl", tmp_path / "run.html"
    options = (*WORKSPACE, "--rule", "summary", "--ca-file", str(gateway.ca), "--header", HEADER)

    done = at_once("run", gateway.url, *options, "--history", str(history), "--report-html", str(report), **KEY)

    assert (done.code, bool(re.search(r"\d passports deleted", done.stdout))) == (4, True), done.stdout + done.stderr
    assert all(each.status is not None for each in from_lines(history.read_bytes()).exchanges)
    for written in (done.stdout, done.stderr, history.read_text(), report.read_text()):
        assert TOKEN not in written


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--header", HEADER), "CERTIFICATE_VERIFY_FAILED"), (("--insecure",), "is not the API: an empty batch got 403")],
    ids=["no authority", "no header"],
)
def test_what_is_missing_is_named(gateway: Gateway, options: tuple[str, ...], said: str) -> None:
    done = at_once("run", gateway.url, *WORKSPACE, *options, **KEY)

    assert (done.code, said in done.stderr) == (3, True), done.stderr


def test_schemathesis_goes_through_it(gateway: Gateway) -> None:
    """Its transport takes the same variables. What it shows of a call has no secret."""
    given = {"TRACEPASS_CHECK_HEADER": HEADER, "TRACEPASS_CHECK_CA_FILE": str(gateway.ca)}
    url, bearer = f"{gateway.url}/api/v1/passports/batch", {"Authorization": "Bearer tp_mock_unlimited"}

    with watching(Ceilings(), access_from(given)) as watch:
        answered = requests.post(url, json={"passports": []}, headers=bearer, timeout=30)

    assert (answered.status_code, watch.refused) == (400, 1)
    assert TOKEN not in str(answered.request.headers)
    with watching(Ceilings(), access_from({})), pytest.raises(requests.exceptions.SSLError):
        requests.post(url, json={"passports": []}, headers=bearer, timeout=30)
