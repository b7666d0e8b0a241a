"""What a run and `init` find out by themselves, with calls that change nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.target.deployment import Deployment, load_deployment
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.target.target import opened
from tracepass_contract.contract_tests.tests.helpers.command import at_once
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

KEY = "tp_mock_unlimited"
GIVEN = Deployment(product_id="6650a1b2c3d4e5f6a7b8d008", gtin="09506000140087").with_key(KEY)
OPTIONS = ("--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087")
BATCH_ALONE = Answered(404, {"content-type": "application/json"}, b'{"error":"Not found"}')


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


def found(url: str, *, max_writes: int = 60, **declared: object) -> tuple[str, list[tuple[str, str]]]:
    """The capabilities of a run that only opens its target, and the calls that it sent beside the batch."""
    sent: list[tuple[str, str]] = []

    def noted(request: Request, ask: Ask) -> Answered:
        sent.append((request.method, request.path.partition("?")[0]))
        return ask(request)

    with in_front_of(url, noted, beside=True) as front:
        deployment = replace(GIVEN, base_url=front, **declared)  # type: ignore[arg-type]
        with opened(Settings(deployment, control_plane=False, max_writes=max_writes)) as target:
            return "".join(sorted(target.capabilities)), [each for each in sent if each[1].startswith("/api/")]


LIST, CREATE = ("GET", "/api/v1/passports"), ("POST", "/api/v1/passports")
READ = ("GET", f"/api/v1/passports/{'f' * 24}")


@pytest.mark.parametrize(
    ("declared", "capabilities", "calls"),
    [
        ({}, "LS", [LIST, READ, CREATE]),
        ({"read_back": True, "single_create": True}, "LS", []),
        ({"read_back": False, "single_create": False}, "", []),
        ({"writes_left": 99}, "LW", [LIST, READ]),  # a refused call might take one of them
        ({"max_writes": 5}, "L", [LIST, READ]),  # likewise of few
    ],
    ids=str,
)
def test_a_run_looks_where_nothing_is_declared(
    mock_url: str, declared: dict[str, int], capabilities: str, calls: list[tuple[str, str]]
) -> None:
    assert found(mock_url, **declared) == (capabilities, calls)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_deployment_with_the_batch_alone_has_neither(mock_url: str, status: int) -> None:
    with in_front_of(mock_url, lambda _, __: replace(BATCH_ALONE, status=status), beside=True) as url:
        capabilities, _ = found(url)

    assert capabilities == ""


def init(url: str, path: Path, *more: str, key: str = KEY) -> tuple[int, str]:
    done = at_once("init", url, *OPTIONS, "--output", str(path), *more, TRACEPASS_CHECK_API_KEY=key)
    return done.code, done.stderr


def test_init_writes_a_deployment_file_and_changes_nothing(mock_url: str, tmp_path: Path) -> None:
    path, bearer = tmp_path / "deployment.toml", {"Authorization": f"Bearer {KEY}"}
    before = httpx.get(f"{mock_url}/api/v1/passports", headers=bearer).json()
    taken = _taken(mock_url)

    code, said = init(mock_url, path)

    assert code == 0, said
    assert load_deployment(path) == replace(GIVEN, base_url=mock_url, read_back=True, single_create=True, keys={})
    assert KEY not in path.read_text()
    assert httpx.get(f"{mock_url}/api/v1/passports", headers=bearer).json() == before
    assert _taken(mock_url) == taken


def _taken(url: str) -> list[int]:
    totals = httpx.get(f"{url}/_mock/workspaces/unlimited/ledger").json()["totals"]
    return [totals[name] for name in ("executions", "writes", "passports")]


def test_what_init_can_not_know_is_a_line_to_complete_with_its_gain(mock_url: str, tmp_path: Path) -> None:
    """All of them together are a deployment file."""
    path = tmp_path / "deployment.toml"
    init(mock_url, path)
    known, _, unknown = path.read_text().partition("# Not known.")
    gains = [line for line in unknown.splitlines() if line.endswith(" of them must:")]
    lines = [
        line.removeprefix("# ") for line in unknown.splitlines()[1:] if line not in gains and "(no line" not in line
    ]

    path.write_text("\n".join([known, *lines]).replace("./set-clock", "true"))

    complete = load_deployment(path)
    assert (complete.writes_left, complete.slots_left, complete.overage_supported) == (100, 50, True)
    assert (complete.second_key_env, complete.hooks.set_clock) == ("SECOND_KEY", ["true", "{now}"])
    assert complete.second_workspace is not None
    assert len(gains) == 7
    assert not any(line.startswith("# 0 rules") for line in gains)


def test_init_says_what_a_deployment_does_not_serve(mock_url: str, tmp_path: Path) -> None:
    """A plan may refuse deletions, and another deployment has the batch alone."""
    path = tmp_path / "deployment.toml"

    def without(request: Request, _: Ask) -> Answered:
        answered = replace(BATCH_ALONE, status=403) if request.method == "DELETE" else BATCH_ALONE
        return replace(answered, headers={"x-ratelimit-remaining": "41"}) if request.method == "GET" else answered

    with in_front_of(mock_url, without, beside=True) as url:
        code, said = init(url, path)

    assert code == 0, said
    content = path.read_text()
    assert "read_back = false   # GET /passports got 404" in content
    assert "single_create = false   # POST /passports without an item got 404" in content
    assert "# Deletion: refused with 403" in content
    assert "# Limits: x-ratelimit-remaining: 41" in content


@pytest.mark.parametrize(("more", "code"), [((), 2), (("--force",), 0)])
def test_init_keeps_a_file_that_is_there(mock_url: str, tmp_path: Path, more: tuple[str, ...], code: int) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text("of somebody")

    assert init(mock_url, path, *more)[0] == code

    assert (path.read_text() == "of somebody") is (code == 2)


def test_init_needs_a_key_a_product_and_a_url(tmp_path: Path) -> None:
    path = str(tmp_path / "deployment.toml")

    assert "needs the URL" in at_once("init", "--output", path, TRACEPASS_CHECK_API_KEY=KEY).stderr
    assert "TRACEPASS_CHECK_API_KEY" in at_once("init", "http://127.0.0.1:9", *OPTIONS, "--output", path).stderr
