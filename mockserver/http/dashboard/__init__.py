"""The dashboard: one page for a browser. Its data come from the calls of spec/control.yaml.

Its Content-Security-Policy allows no script but its own files and no other host, and no HTML is made from text.
"""

from os import PathLike, stat_result
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from tracepass_contract.spec.page_parts import FOLDER

PAGE = "/_mock/"
_ASSETS = Path(__file__).with_name("assets")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # a browser asks whether the file has changed
}


class _Files(StaticFiles):
    """The files of the page, and those that it shares with other pages."""

    def __init__(self) -> None:
        super().__init__(directory=_ASSETS)
        self.all_directories.append(FOLDER)

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Any, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(_HEADERS)
        return response


def routes() -> list[BaseRoute]:
    """The page and its files."""

    async def page(_request: Request) -> Response:
        return FileResponse(_ASSETS / "index.html", headers=_HEADERS)

    return [Route(PAGE, page), Mount(f"{PAGE}dashboard", _Files())]
