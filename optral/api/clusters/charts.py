"""Serves the agent's Helm chart without sign-in: it holds no secret, and a cluster behind an air gap has no other place to get it from."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from optral.install import agent_chart

_AN_HOUR = "public, max-age=3600"


def add(app: FastAPI) -> None:
    async def chart(request: Request) -> Response:
        archive = agent_chart.archive()
        if request.path_params["name"] != archive.name:
            say = f"no such chart; this server has {agent_chart.FOLDER}/{archive.name}\n"
            return Response(say, 404, {"Cache-Control": "no-store"}, "text/plain")
        headers = {"Cache-Control": _AN_HOUR, "ETag": f'"{archive.sha256[:32]}"'}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(archive.content, headers=headers, media_type="application/gzip")

    async def index(_request: Request) -> Response:
        return Response(agent_chart.index(), headers={"Cache-Control": "no-cache"}, media_type="application/yaml")

    app.router.add_route(f"{agent_chart.FOLDER}/index.yaml", index, methods=["GET"], include_in_schema=False)
    app.router.add_route(f"{agent_chart.FOLDER}/{{name}}", chart, methods=["GET"], include_in_schema=False)
