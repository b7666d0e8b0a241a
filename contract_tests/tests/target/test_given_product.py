"""A product or a GTIN that was given wrongly, on a deployment that is somebody's: a wrong call, and no violation."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.tests.helpers.command import check
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

KEY = "tp_mock_unlimited"
PRODUCT, GTIN = "6650a1b2c3d4e5f6a7b8d008", "09506000140087"
SECOND_PRODUCT, SECOND_GTIN = "6650a1b2c3d4e5f6a7b8d009", "09506000140094"
OF_ANOTHER = "6650a1b2c3d4e5f6a7b8d001"


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with forked_mock() as base_url:
        yield base_url


def _given(url: str, product: str, gtin: str) -> tuple[str, ...]:
    return (url, "--no-control-plane", "--api-key", KEY, "--product-id", product, "--gtin", gtin)


@pytest.mark.parametrize(
    ("product", "gtin", "said"),
    [
        ("6650a1b2c3d4e5f6a7b8dfff", GTIN, "the deployment answered 200: Product not found"),
        ("nope", GTIN, "the deployment answered 200: Product not found"),
        (OF_ANOTHER, GTIN, "the deployment answered 200: Product not found"),
        (PRODUCT, "123", "the deployment answered 400: Validation error"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--rule", "idempotency"), ("--max-writes", "3")], ids=" ".join)
def test_what_can_not_be_created_with_ends_the_run(
    mock_url: str, product: str, gtin: str, said: str, more: tuple[str, ...]
) -> None:
    """Two writes at most are spent on it, and nothing is said of any rule."""
    before = _writes(mock_url)

    done = check("run", *_given(mock_url, product, gtin), *more)

    assert done.code == 2, done.stderr
    assert f"product {product} or GTIN {gtin} can't be used" in done.stderr
    assert "--product-id and --gtin" in done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert _writes(mock_url) - before <= 2


@pytest.mark.parametrize(
    ("product", "gtin", "said"),
    [("nope", SECOND_GTIN, "Product not found"), (SECOND_PRODUCT, GTIN, "GTIN is registered to another workspace")],
)
def test_those_of_the_second_workspace_are_looked_at_as_well(
    mock_url: str, tmp_path: Path, product: str, gtin: str, said: str
) -> None:
    done = check("run", *_with_a_second(mock_url, tmp_path, product, gtin), SECOND_KEY="tp_mock_other_workspace")

    assert done.code == 2, done.stderr
    assert f"product {product} or GTIN {gtin} can't be used" in done.stderr
    assert "product_id and gtin of [second_workspace]" in done.stderr
    assert said in done.stderr
    assert done.stdout == ""


def test_what_was_created_in_the_second_workspace_is_reported(mock_url: str, tmp_path: Path) -> None:
    """It can't be deleted there: the one passport that its tests share is left behind."""
    given = _with_a_second(mock_url, tmp_path, SECOND_PRODUCT, SECOND_GTIN)

    done = check("run", *given, "--rule", "auth", "--keep-drafts", "--json", SECOND_KEY="tp_mock_other_workspace")

    assert done.code == 4, done.stderr  # the budget is not known
    found = httpx.get(
        f"{mock_url}/api/v1/passports", headers={"Authorization": "Bearer tp_mock_other_workspace"}
    ).json()["data"]["items"]
    assert found
    assert {each["_id"] for each in found} <= set(done.result["spend"]["left_behind"])


def _with_a_second(url: str, folder: Path, product: str, gtin: str) -> tuple[str, ...]:
    path = folder / "deployment.toml"
    second = f'[second_workspace]\napi_key_env = "SECOND_KEY"\nproduct_id = "{product}"\ngtin = "{gtin}"\n'
    path.write_text(f"read_back = false\nsingle_create = false\n{second}")
    return (*_given(url, PRODUCT, GTIN), "--deployment", str(path), "--max-slots", "20", "--max-writes", "200")


def test_plain_pytest_ends_the_run_as_well(mock_url: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--pyargs"]
    tests = "tracepass_contract.contract_tests.checks.test_auth"
    options = ("--no-control-plane", "--api-key", KEY, "--product-id", "nope", "--gtin", GTIN)

    done = subprocess.run(
        [*command, tests, "--target", mock_url, *options], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 2, done.stdout
    assert "product nope or GTIN" in done.stdout
    assert "violates" not in done.stdout


def test_an_item_that_failed_for_another_reason_is_judged(mock_url: str) -> None:
    """A server that accepts any key: the item of its owner then exists, and another one is created."""

    def lets_in(request: Request, ask: Ask) -> Answered:
        return ask(request.with_header("authorization", f"Bearer {KEY}"))

    with in_front_of(mock_url, lets_in) as url:
        done = check("run", *_given(url, PRODUCT, GTIN), "--rule", "auth", "--json")

    assert done.code == 1, done.stderr
    assert "auth.bearer-required" in done.violated()


def test_a_server_that_fails_a_first_create_is_judged(mock_url: str) -> None:
    """It is no product that can't be used when the next item is created."""
    numbers = count(1)

    def fails_one(request: Request, ask: Ask) -> Answered:
        is_create = request.headers.get("authorization") == f"Bearer {KEY}" and len(request.json["passports"]) == 1
        if is_create and next(numbers) == 1:
            request = request.with_json({"passports": [{**request.json["passports"][0], "productId": "nope"}]})
        return ask(request)

    with in_front_of(mock_url, fails_one) as url:
        done = check("run", *_given(url, PRODUCT, GTIN), "--rule", "auth", "--json")

    assert done.code == 1, done.stderr
    assert "auth.bearer-required" in done.violated()


def _writes(mock_url: str) -> int:
    totals = httpx.get(f"{mock_url}/_mock/workspaces/unlimited/ledger").json()["totals"]
    return int(totals["writes"])
