"""A gateway that answers in place of the deployment. The deployment is not blamed for it."""

import ssl
from itertools import chain, count, cycle
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.tests.helpers.command import check
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

HTML, JSON = {"content-type": "text/html"}, {"content-type": "application/json"}
ANSWERS = (
    Answered(429, HTML, b"<html><h1>429 Too Many Requests</h1></html>"),
    Answered(503, JSON, b'{"message":"no healthy upstream","code":14}'),
    Answered(502, {}, b""),
    Answered(504, HTML, b"<html></html>"),
    Answered(429, {**JSON, "retry-after": "1"}, b'{"message":"API rate limit exceeded"}'),
)
CERTIFICATE = Path(__file__).resolve().parents[3] / "mockserver/tests/tls/certificate.pem"
REPORTS = ("--report-junit", "--report-html", "--report-json", "--history")
GIVEN = (
    *("--api-key", "tp_mock_unlimited", "--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087"),
    *("--no-control-plane", "--max-writes", "900", "--max-slots", "700"),
)


@pytest.mark.parametrize("more", [(), GIVEN], ids=["isolated workspaces", "a given workspace"])
def test_answers_of_a_gateway_are_no_violations(more: tuple[str, ...]) -> None:
    """Every fifth batch gets an answer of the gateway; three of these have the run wait for a second."""
    numbers, answers = count(1), chain(ANSWERS * 3, cycle(ANSWERS[:-1]))

    def every_fifth(request: Request, ask: Ask) -> Answered:
        return next(answers) if next(numbers) % 5 == 0 else ask(request)

    with forked_mock() as base_url, in_front_of(base_url, every_fifth) as url:
        done = check("run", url, "--examples", "3", "--json", *more)

    assert done.violated() == {}
    assert done.code == 4, done.stderr
    assert done.verdicts()["errors.envelope"] == "inconclusive"


@pytest.mark.parametrize(
    ("trust", "header", "code", "said"),
    [
        (("--insecure",), "X-Gateway: let-me-in", 0, "--insecure"),
        (("--ca-file", str(CERTIFICATE)), "X-Gateway: let-me-in", 0, ""),
        (("--ca-file", str(CERTIFICATE)), "X-Gateway: wrong", 3, "is not the API"),
        ((), "X-Gateway: let-me-in", 3, "CERTIFICATE_VERIFY_FAILED"),
    ],
)
def test_a_run_through_a_gateway_with_an_own_authority(
    tmp_path: Path, trust: tuple[str, ...], header: str, code: int, said: str
) -> None:
    """The gateway speaks TLS, lets only calls with a header through, and passes it on. All reports say --insecure."""
    files = [tmp_path / name for name in ("run.xml", "run.html", "run.json", "history.json")]
    reports = [each for pair in zip(REPORTS, map(str, files), strict=True) for each in pair]

    def gateway(request: Request, ask: Ask) -> Answered:
        allowed = request.headers.get("x-gateway") == "let-me-in"
        return ask(request) if allowed else Answered(403, HTML, b"<html>Forbidden</html>")

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE, CERTIFICATE.with_name("key.pem"))
    with forked_mock() as base_url, in_front_of(base_url, gateway, tls=tls) as url:
        arguments = (*GIVEN, "--rule", "summary", "--header", header, *trust, *reports)
        done = check("run", url, *arguments)

    assert (done.code, said in done.stdout + done.stderr) == (code, True), done.stderr
    written = [each.read_text() for each in files if each.exists()]
    assert len(written) == (len(files) if code == 0 else 1)  # JUnit is always there
    assert not [text for text in (*written, done.stdout, done.stderr) if "let-me-in" in text]
    assert [("--insecure" in text) for text in written[:3]] == [trust == ("--insecure",)] * len(written[:3])
