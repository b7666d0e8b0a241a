"""The dashboard as a server sends it: its files and headers. `browser/` has what a browser does with them."""

import re
from pathlib import Path

import pytest

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.http import dashboard
from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.spec.page_parts import FOLDER, SCRIPT, STYLES

ASSETS = Path(dashboard.__file__).with_name("assets")
FILES = sorted(each.name for each in ASSETS.iterdir())


@pytest.mark.parametrize("token", [None, "the-token"])
@pytest.mark.parametrize("path", ["/_mock/", *(f"/_mock/dashboard/{name}" for name in (*FILES, *STYLES, SCRIPT))])
def test_the_page_and_its_files_are_open_and_allow_nothing_else(path: str, token: str | None) -> None:
    client = Client()
    client.mock = create_app(control_token=token)

    reply = client.request("GET", path)

    assert reply.status_code == 200
    policy = dict(each.split(" ", 1) for each in reply.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert re.match(r"text/(html|css|javascript)|image/svg", reply.headers["content-type"])


def test_a_browser_asks_whether_a_file_has_changed() -> None:
    client = Client()
    first = client.request("GET", "/_mock/dashboard/main.js")

    again = client.request("GET", "/_mock/dashboard/main.js", [("If-None-Match", first.headers["etag"])])

    assert (first.headers["cache-control"], again.status_code) == ("no-cache", 304)


@pytest.mark.parametrize(
    "path", ["/_mock/dashboard/none.js", "/_mock/dashboard/__init__.py", "/_mock/dashboard/../workspaces"]
)
def test_another_file_is_not_served(path: str) -> None:
    client = Client()
    client.mock = create_app(control_token="the-token")

    assert client.request("GET", path).status_code in {401, 404}


@pytest.mark.parametrize(
    "file", [each for each in (*ASSETS.iterdir(), *FOLDER.iterdir()) if each.suffix in {".js", ".html", ".css"}]
)
def test_the_page_names_no_other_host_and_makes_no_markup_from_text(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"https?://|//[a-z]+\.", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|style=|\bonclick=\"", text)


def test_each_import_names_a_file_that_exists() -> None:
    for script in ASSETS.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', script.read_text(encoding="utf-8")):
            assert name in [*FILES, SCRIPT], script.name
