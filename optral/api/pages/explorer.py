"""/docs: the contract to click through, offline. The page's assets come from an installed package; nothing is fetched from elsewhere."""

from importlib.resources import files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from swagger_ui_bundle import swagger_ui_path

from optral.api.http.contract_texts import ContractTexts

_ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript", "favicon-32x32.png": "image/png"}
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Optral API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({url: "/docs/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null, docExpansion: "list"});
"""


def add(app: FastAPI, texts: ContractTexts) -> None:
    """Serve the page and the contract that it shows."""

    async def page(_request: Request) -> Response:
        return Response(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _CSP})

    async def start(_request: Request) -> Response:
        return Response(_START, media_type="text/javascript")

    async def openapi(_request: Request) -> Response:
        return Response(await texts.json(), media_type="application/json")

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS:
            return Response(status_code=404)
        content = (files("swagger_ui_bundle") / str(swagger_ui_path) / name).read_bytes()
        return Response(content, media_type=_ASSETS[name], headers={"Cache-Control": "max-age=3600"})

    app.router.add_route("/docs", page, methods=["GET"], include_in_schema=False)
    app.router.add_route("/docs/start.js", start, methods=["GET"], include_in_schema=False)
    app.router.add_route("/docs/openapi.json", openapi, methods=["GET"], include_in_schema=False)
    app.router.add_route("/docs/{name}", asset, methods=["GET"], include_in_schema=False)
