"""The web application: routes, sign-in, Kaggle's JSON and Kaggle's errors."""

import json
import traceback
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from . import storage
from .errors import PracticeError, Refusal, error_body
from .faults import FAIL_PATH, Faults, parse_fault
from .methods import METHODS, Body, Redirect
from .site import Site
from .wire import Json, without_nulls

# Signing in asks these before it can know who is there.
_OPEN = {"security.OAuthService/IntrospectToken"}


def build_app(site: Site, faults: Faults) -> Starlette:
    """The application for `site`, without failures and without a log (see gate.py)."""

    async def call(request: Request) -> Response:
        name = f"{request.path_params['service']}/{request.path_params['method']}"
        if name not in _OPEN and not site.is_authentic(request.headers.get("authorization", "")):
            raise Refusal(401, "Unauthenticated")
        method = METHODS.get(name)
        if method is None:
            raise Refusal(501, f"The practice Kaggle does not serve {name}")
        body = await _json(request)
        request.scope["practice.competition"] = body.get("competitionName")
        answer = await run_in_threadpool(method, site, body)
        if isinstance(answer, Redirect):
            return RedirectResponse(answer.url, status_code=302)
        if isinstance(answer, Body):
            return Response(answer.content, media_type=answer.media_type)
        return JSONResponse(without_nulls(answer))

    async def fail(request: Request) -> Response:
        text = (await request.body()).decode(errors="replace")
        try:
            wanted = [parse_fault(line.strip()) for line in text.splitlines() if line.strip()]
        except PracticeError as error:
            raise Refusal(400, str(error)) from None
        for fault in wanted:
            faults.add(fault)
        return Response(status_code=204)

    def file(request: Request) -> Response:
        return storage.send_file(site, **request.path_params)

    def uploaded(request: Request) -> Response:
        slug, token = request.path_params["slug"], request.path_params["token"]
        return storage.send_upload(site, slug, token)

    async def receive(request: Request) -> Response:
        try:
            return await storage.receive_upload(site, request)
        except ClientDisconnect:
            return Response(status_code=499)

    async def refused(_: Request, error: Exception) -> Response:
        if isinstance(error, Refusal):
            status, message = error.status, error.message
        else:
            status, message = 500, "".join(traceback.format_exception_only(error)).strip()
        return JSONResponse(error_body(status, message, site.error_shape), status)

    def unknown(_: Request) -> Response:
        raise Refusal(404, "Not found")

    return Starlette(
        routes=[
            Route("/api/v1/{service}/{method}", call, methods=["POST"]),
            Route(FAIL_PATH, fail, methods=["POST"]),
            Route("/file/{slug}/{inside:path}", file),
            Route("/upload/{slug}/{token}/{name}", uploaded),
            Route("/upload/{slug}/{token}", receive, methods=["PUT"]),
            Route("/{rest:path}", unknown),
        ],
        exception_handlers={Refusal: refused, Exception: refused},
    )


async def _json(request: Request) -> Json:
    raw = await request.body()
    try:
        body: Any = json.loads(raw or b"{}")
    except ValueError:
        raise Refusal(400, "Invalid JSON payload received") from None
    if not isinstance(body, dict):
        raise Refusal(400, "Invalid JSON payload received")
    return body
