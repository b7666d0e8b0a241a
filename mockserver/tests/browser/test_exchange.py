"""How a body is laid out, on the dashboard and in the report of tracepass-check."""

import json

import pytest
from playwright.sync_api import Page

from tracepass_contract.mockserver.testing import MockServer

pytestmark = pytest.mark.tool("chromium")


@pytest.fixture
def module(page: Page, mock: MockServer) -> Page:
    page.goto(f"{mock.base_url}/_mock/")
    return page


def laid_out(module: Page, text: str) -> str:
    found = module.evaluate("async (text) => (await import('/_mock/dashboard/exchange.js')).laidOut(text)", text)
    return str(found)


@pytest.mark.parametrize(
    "document",
    [
        '{"a": 1, "a": 12345678901234567890123, "b": [], "c": {}, "d": ["x,]", "\\"\\u00fc"], "e": 1.0}',
        "[]",
        "3",
        '[[{"a":[{}]}]]',
        "[" * 5_000 + "]" * 5_000,
    ],
)
def test_a_json_document_keeps_its_tokens(module: Page, document: str) -> None:
    assert "".join(laid_out(module, document).split()) == "".join(document.split())


def test_json_is_laid_out_as_people_do(module: Page) -> None:
    value = {"a": [1, {"b": None}, "c d"], "e": [], "f": {}, "g": [[]]}

    assert laid_out(module, json.dumps(value)) == json.dumps(value, indent=2)


@pytest.mark.parametrize("text", ["[NaN]", "", '{"a": 1', "<p>no JSON</p>", '{"a": 1} {"b": 2}'])
def test_other_text_stays_as_it_is(module: Page, text: str) -> None:
    assert laid_out(module, text) == text
