"""How a server is reached: what the options and the deployment file say, and which of it is wrong."""

from pathlib import Path

import pytest

from tracepass_contract.contract_tests.client.access import Access
from tracepass_contract.contract_tests.model.outcomes import BadDeployment
from tracepass_contract.contract_tests.target.deployment import Deployment, FromVariable, check_url, load_deployment
from tracepass_contract.contract_tests.target.reaching import access_of, notes_on
from tracepass_contract.contract_tests.tests.helpers.command import at_once
from tracepass_contract.contract_tests.tests.helpers.scripted_server import CERTIFICATE, KEY, serving


@pytest.mark.parametrize("status", [500, 503])
def test_a_control_plane_with_a_server_error_is_named(status: int) -> None:
    """Not only that the run has no key of the workspace, which it would not need."""
    with serving((status, {}, b"out of order")) as server:
        done = at_once("run", server.url)

    assert done.code == 2
    assert "no API key: set the environment variable TRACEPASS_CHECK_API_KEY" in done.stderr
    said = (
        f"the control plane {server.url}/_mock was not used: its health answered {status}, so the run needs a workspace"
    )
    assert said in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--header", "X-Gateway"), "no colon"),
        (("--header", "X Gateway: secret"), "token of HTTP"),
        (("--header", "authorization: secret"), "sets authorization itself"),
        (("--header", "X-Gateway: secret\nX: y"), "in one line"),
        (("--ca-file", __file__), "has no certificates in PEM"),
        (("--client-cert", str(CERTIFICATE)), "can't be used"),
        (("--client-key", str(KEY)), "--client-key needs --client-cert"),
        (("--ca-file", str(CERTIFICATE), "--insecure"), "no meaning with --insecure"),
        (("--requests-per-second", "0"), "--requests-per-second"),
        (("--api-key-command", "echo 'a"), "--api-key-command: No closing quotation"),
        (("--api-key-command", "echo a", "--api-key", "k"), "give one of --api-key and --api-key-command"),
    ],
)
def test_a_wrong_option_is_explained_before_anything_is_sent(given: tuple[str, ...], said: str) -> None:
    done = at_once("run", "http://127.0.0.1:9", *given)

    assert done.code == 2
    assert said in done.stderr
    assert "secret" not in done.stderr


def test_the_mock_that_a_run_starts_needs_no_network() -> None:
    assert "--header works only with a URL" in at_once("run", "--header", "X-Gateway: v").stderr


def test_the_variable_of_the_headers_has_one_in_each_line() -> None:
    done = at_once("run", "http://127.0.0.1:9", TRACEPASS_CHECK_HEADER="X-One: a b\nX-Two")

    assert "it has no colon" in done.stderr


@pytest.mark.parametrize("url", ["https://x.test/?key=secret", "https://x.test/api/v1#secret", "https://x.test?"])
def test_a_url_with_a_query_or_a_fragment_is_refused(url: str) -> None:
    with pytest.raises(BadDeployment, match="query") as refused:
        check_url(url)
    assert "secret" not in str(refused.value)


def test_the_deployment_file_says_how_it_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options come first. A value of a header can be in a variable."""
    file = tmp_path / "deployment.toml"
    file.write_text(
        f'ca_file = "{CERTIFICATE}"\nrequests_per_second = 5\n'
        '[headers]\nX-Gateway = { env = "GATEWAY_TOKEN" }\nX-Tenant = "staging"\n'
    )
    monkeypatch.setenv("GATEWAY_TOKEN", "gateway-token")

    access = access_of({"header": ["x-tenant: other"], "requests_per_second": 2.5}, load_deployment(file))

    assert access == Access(
        headers={"X-Gateway": "gateway-token", "x-tenant": "other"}, ca_file=CERTIFICATE, requests_per_second=2.5
    )
    assert access.secrets == ["gateway-token"]


def test_a_variable_of_a_header_that_is_not_set_is_named() -> None:
    with pytest.raises(BadDeployment, match="NOT_SET_ANYWHERE"):
        access_of({}, Deployment(headers={"X": FromVariable("NOT_SET_ANYWHERE")}))


def test_a_run_that_checks_no_certificate_says_so() -> None:
    assert [*map(str, notes_on(Access()))] == []
    assert "--insecure" in notes_on(Access(is_insecure=True))[0]


@pytest.mark.parametrize(
    "of_another_key",
    [
        'second_key_env = "NOT_SET"',
        '[second_workspace]\napi_key_env = "NOT_SET"\nproduct_id = "p"\ngtin = "04012345000015"',
    ],
    ids=["second key", "second workspace"],
)
def test_a_key_that_is_not_set_is_named_before_anything_is_sent(of_another_key: str, tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text(f'base_url = "http://127.0.0.1:9"\nproduct_id = "p"\ngtin = "04012345000015"\n{of_another_key}\n')

    done = at_once("run", "--deployment", str(path), "--no-control-plane", "--api-key", "k")

    assert done.code == 2
    assert "no API key: set the environment variable NOT_SET" in done.stderr
