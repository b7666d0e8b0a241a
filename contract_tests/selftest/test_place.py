"""A product or a GTIN that was given wrongly, on a deployment that is somebody's: a wrong call, and no violation."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from tracepass_contract.contract_tests.mock_process import running_mock
from tracepass_contract.contract_tests.selftest.checking import check
from tracepass_contract.contract_tests.selftest.wrong_server import Answered, Ask, Asked, in_front_of

KEY = "tp_mock_unlimited"
PRODUCT, GTIN = "6650a1b2c3d4e5f6a7b8d008", "09506000140087"
OF_ANOTHER = "6650a1b2c3d4e5f6a7b8d001"


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with running_mock() as base_url:
        yield base_url


def _given(url: str, product: str, gtin: str) -> tuple[str, ...]:
    return (url, "--no-control-plane", "--api-key", KEY, "--product-id", product, "--gtin", gtin)


@pytest.mark.parametrize(
    ("product", "gtin", "said"),
    [
        ("6650a1b2c3d4e5f6a7b8dfff", GTIN, "the deployment says 200: Product not found"),
        ("nope", GTIN, "the deployment says 200: Product not found"),
        (OF_ANOTHER, GTIN, "the deployment says 200: Product not found"),
        (PRODUCT, "123", "the deployment says 400: Validation error"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--rule", "idempotency"), ("--max-writes", "1")], ids=" ".join)
def test_what_can_not_be_created_with_ends_the_run(
    mock_url: str, product: str, gtin: str, said: str, more: tuple[str, ...]
) -> None:
    """Two writes at most are spent on it, and nothing is said of any rule."""
    before = _writes(mock_url)

    done = check("run", *_given(mock_url, product, gtin), *more)

    assert done.code == 2, done.stderr
    assert f"the product {product} or the GTIN {gtin} can't be used" in done.stderr
    assert "--product-id and --gtin" in done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert _writes(mock_url) - before <= 2


def test_plain_pytest_ends_the_run_as_well(mock_url: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--pyargs"]
    tests = "tracepass_contract.contract_tests.test_auth"
    place = ("--no-control-plane", "--api-key", KEY, "--product-id", "nope", "--gtin", GTIN)

    done = subprocess.run(
        [*command, tests, "--target", mock_url, *place], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 2, done.stdout
    assert "the product nope or the GTIN" in done.stdout
    assert "violates" not in done.stdout


def test_an_item_that_failed_for_another_reason_is_judged(mock_url: str) -> None:
    """A server that lets strangers in: the item of its owner then exists, and another one is created."""

    def lets_in(asked: Asked, ask: Ask) -> Answered:
        return ask(asked.with_header("authorization", f"Bearer {KEY}"))

    with in_front_of(mock_url, lets_in) as url:
        done = check("run", *_given(url, PRODUCT, GTIN), "--rule", "auth", "--json")

    assert done.code == 1, done.stderr
    assert "auth.bearer-required" in done.violated()


def test_a_server_that_fails_a_first_create_is_judged(mock_url: str) -> None:
    """It is no product that can't be used when the next item is created."""
    numbers = count(1)

    def fails_one(asked: Asked, ask: Ask) -> Answered:
        is_create = asked.headers.get("authorization") == f"Bearer {KEY}" and len(asked.json["passports"]) == 1
        if is_create and next(numbers) == 1:
            asked = asked.with_json({"passports": [{**asked.json["passports"][0], "productId": "nope"}]})
        return ask(asked)

    with in_front_of(mock_url, fails_one) as url:
        done = check("run", *_given(url, PRODUCT, GTIN), "--rule", "auth", "--json")

    assert done.code == 1, done.stderr
    assert "auth.bearer-required" in done.violated()


def _writes(mock_url: str) -> int:
    totals = httpx.get(f"{mock_url}/_mock/workspaces/unlimited/ledger").json()["totals"]
    return int(totals["writes"])
