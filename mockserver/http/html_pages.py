"""The OpenAPI documents, and Swagger UI to try the API and the control plane."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send


def pages(
    document: Mapping[str, Any], control: Mapping[str, Any], assets: Path, api_key: str, more: Sequence[BaseRoute]
) -> Router:
    """The routes of the documents and of Swagger UI, and `more`: those of the dashboard, to which the root paths
    redirect. Other paths are not found.
    """
    control_plane = orjson.dumps(_with_token({**control, "servers": [{"url": "/_mock", "description": "this mock"}]}))
    page = _PAGE % {"api_key": orjson.dumps(api_key).decode().replace("<", "\\u003c")}  # safe in a script element

    async def openapi(request: Request) -> Response:
        """The document names the mock by the address of the request, and not the real service: a client that is
        generated from it creates nothing there.
        """
        here = [{"url": f"{request.base_url}api/v1", "description": "This mock"}]
        return Response(orjson.dumps({**document, "servers": here}), media_type="application/json")

    async def control_here(_request: Request) -> Response:
        return Response(control_plane, media_type="application/json")

    async def docs(_request: Request) -> Response:
        return HTMLResponse(page)

    async def to_dashboard(_request: Request) -> Response:
        return RedirectResponse("/_mock/")

    async def not_found(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise HTTPException(404)

    routes: list[BaseRoute] = [
        Route("/openapi.json", openapi),
        *(Route(path, to_dashboard) for path in ("/", "/_mock")),
        Route("/_mock/docs", docs),
        Route("/_mock/docs/control.json", control_here),
        Mount("/_mock/docs/assets", StaticFiles(directory=assets)),
        *more,
    ]
    return Router(routes, redirect_slashes=False, default=not_found)


def _with_token(control: Mapping[str, Any]) -> Mapping[str, Any]:
    """The control plane's document with its optional token, so that the page has a field for it."""
    scheme = {"type": "http", "scheme": "bearer", "description": "The control token, if the mock printed one at start."}
    components = {**control["components"], "securitySchemes": {"controlToken": scheme}}
    return {**control, "components": components, "security": [{}, {"controlToken": []}]}


_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Try the API · TracePass mock</title>
  <link rel="icon" href="/_mock/dashboard/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/_mock/docs/assets/swagger-ui.css">
</head>
<body>
  <p>&ensp;Send calls to this mock from here. <a href="/_mock/">The dashboard</a> shows why each was answered so.</p>
  <div id="api"></div>
  <script src="/_mock/docs/assets/swagger-ui-bundle.js"></script>
  <script src="/_mock/docs/assets/swagger-ui-standalone-preset.js"></script>
  <script>
    const openBatch = () => ui.layoutActions.show(["operations", "Passports", "createPassportBatch"], true);
    const rank = (operation) => operation.get("path") === "/passports/batch" ? 0 : 1;
    const ui = SwaggerUIBundle({
      urls: [
        {name: "The API", url: "/openapi.json"},
        {name: "The control plane of this mock", url: "/_mock/docs/control.json"},
      ],
      layout: "StandaloneLayout",
      presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
      dom_id: "#api",
      tryItOutEnabled: true,
      persistAuthorization: true,
      docExpansion: "list",
      deepLinking: true,
      operationsSorter: (one, other) => rank(one) - rank(other),
      defaultModelsExpandDepth: 0,
      validatorUrl: null,
      onComplete: () => {
        ui.preauthorizeApiKey("bearer", %(api_key)s);
        if (location.hash.length < 2) openBatch();
      },
    });
  </script>
</body>
</html>
"""
