"""The importer over HTTP, for several clients at once: an ASGI application, and a server for it."""

import json
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .service import SqlImporter


def application(importer: SqlImporter) -> Starlette:
    """Answers what is POSTed, wherever to; each request has a thread and a transaction of its own."""

    async def answer(request: Request) -> Response:
        response = await run_in_threadpool(_answered, importer, await request.body())
        return Response(json.dumps(response), media_type="application/json")

    return Starlette(routes=[Route("/{anything:path}", answer, methods=["POST"])])


def _answered(importer: SqlImporter, body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        return {"error": f"The request is not JSON: {error}"}
    return importer.handle(request) if isinstance(request, dict) else {"error": "The request is no JSON object"}


def listen(importer: SqlImporter, host: str, port: int) -> None:
    """Answer on a port, 0 for any that is free, until somebody stops it. OSError where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as there:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        there.bind((host, port))
        there.listen(128)
        shown = f"[{host}]" if ":" in host else host
        print(f"listening on http://{shown}:{there.getsockname()[1]}/", flush=True)  # noqa: T201
        uvicorn.Server(uvicorn.Config(application(importer), log_level="warning")).run(sockets=[there])
