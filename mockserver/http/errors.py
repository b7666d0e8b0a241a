"""What never reaches an operation, in the API's envelope: no or a wrong key, an unknown path, a wrong method, a bug."""

import logging

import orjson
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)
_ERRORS = {401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}


async def problem(_request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
    """Connexion's own refusals. The one that our document can cause is that of the bearer scheme."""
    assert isinstance(exc, ProblemException)  # noqa: S101  it is registered for this type
    headers = {"WWW-Authenticate": "Bearer", "Mock-Rule": "auth.bearer-required"} if exc.status == 401 else {}
    return _envelope(exc.status, f"Authorization: {exc.detail}", headers)


async def http_error(request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
    """404 and 405 of the router."""
    assert isinstance(exc, HTTPException)  # noqa: S101  it is registered for this type
    headers = dict(exc.headers or {})
    if exc.status_code == 405:
        found = f"method: expected {headers.get('Allow', 'another')}, found {request.method}"
    else:
        found = f"path: expected a documented one (see /openapi.json), found {request.url.path[:80]}"
    return _envelope(exc.status_code, found, headers)


async def bug(_request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
    """A mistake of the mock: told as such, with the traceback in the log and not in the answer."""
    logger.error("The mock has a bug; nothing was committed.", exc_info=exc)
    return _envelope(500, "The mock has a bug; its log has the details. Nothing was committed.", {})


def _envelope(status: int, message: str, headers: dict[str, str]) -> ConnexionResponse:
    body = {"error": _ERRORS.get(status, "Internal Server Error"), "message": message}
    return ConnexionResponse(  # type: ignore[no-untyped-call]
        status_code=status, body=orjson.dumps(body), headers=headers, content_type="application/json"
    )
