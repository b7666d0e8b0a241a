"""Checks answers with openapi-core, a validator that the server does not use."""

from functools import cache
from typing import Any

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tracepass_contract.spec import openapi_document


class _Asked:
    def __init__(self, method: str, url: httpx.URL, body: Any) -> None:
        path = url.raw_path.decode().partition("?")[0]
        self.method, self.content_type, self.body = method.lower(), "application/json", body
        self.host_url, self.path = "http://127.0.0.1:4747", path
        self.full_url_pattern = f"{self.host_url}{path}"
        self.parameters = RequestParameters(ImmutableMultiDict(), Headers(), {}, {})


class _Answered:
    def __init__(self, reply: httpx.Response) -> None:
        self.status_code, self.data = reply.status_code, reply.content
        self.headers = Headers(list(reply.headers.items()))
        self.content_type = reply.headers["content-type"]


@cache
def _document() -> OpenAPI:
    return OpenAPI.from_dict(openapi_document())


def must_be_documented(method: str, reply: httpx.Response, body: Any) -> None:
    """Raise for an answer that the document does not have. A 501 must have the error envelope."""
    if reply.status_code == 501 or "mock-rule" not in reply.headers:  # not an operation of the document
        assert isinstance(reply.json()["error"], str)
        return
    _document().validate_response(_Asked(method, reply.request.url, body), _Answered(reply))
