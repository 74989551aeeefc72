"""The web application: routes, sign-in, Kaggle's JSON and Kaggle's errors."""

import json
import traceback
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from . import uploads
from .api import METHODS, Content, Redirect
from .errors import PracticeError, Refusal, error_body
from .failure_injection import FAIL_PATH, Failures, parse_failure
from .serialization import Json, drop_nulls
from .site import Site

# Signing in calls these, so they need no credentials.
_OPEN = {"security.OAuthService/IntrospectToken"}


def build_app(site: Site, failures: Failures) -> Starlette:
    """Return the application of a site, without failures and log (middleware.py adds them).

    Args:
        site: what is served.
        failures: where a request to `FAIL_PATH` adds failures.
    """

    async def call(request: Request) -> Response:
        name = f"{request.path_params['service']}/{request.path_params['method']}"
        if name not in _OPEN and not site.is_authentic(request.headers.get("authorization", "")):
            raise Refusal(401, "Unauthenticated")
        method = METHODS.get(name)
        if method is None:
            raise Refusal(501, f"The practice Kaggle does not serve {name}")
        body = await _json(request)
        request.scope["practice.competition"] = body.get("competitionName")
        reply = await run_in_threadpool(method, site, body)
        if isinstance(reply, Redirect):
            return RedirectResponse(reply.url, status_code=302)
        if isinstance(reply, Content):
            return Response(reply.content, media_type=reply.media_type)
        return JSONResponse(drop_nulls(reply))

    async def fail(request: Request) -> Response:
        text = (await request.body()).decode(errors="replace")
        try:
            wanted = [parse_failure(line.strip()) for line in text.splitlines() if line.strip()]
        except PracticeError as error:
            raise Refusal(400, str(error)) from None
        for failure in wanted:
            failures.add(failure)
        return Response(status_code=204)

    def file(request: Request) -> Response:
        return uploads.send_file(site, **request.path_params)

    def account_file(request: Request) -> Response:
        return uploads.send_account_file(site, **request.path_params)

    def uploaded(request: Request) -> Response:
        slug, token = request.path_params["slug"], request.path_params["token"]
        return uploads.send_upload(site, slug, token)

    async def receive(request: Request) -> Response:
        try:
            return await uploads.receive_upload(site, request)
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
            Route("/{kind}/{slug}/{number:int}/{inside:path}", account_file),
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
