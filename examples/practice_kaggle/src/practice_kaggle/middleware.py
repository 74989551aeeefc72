"""What wraps the application: proxy addresses, injected failures, the request log."""

import asyncio
import functools
import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .errors import error_body
from .failure_injection import FAIL_PATH, Failure, Failures
from .request_log import RequestLog
from .serialization import Json

_CLOSE = "practice.close"
_HOSTS = {"", "localhost", "storage.localhost", "127.0.0.1"}
_NO_PROXY = b"The practice Kaggle forwards no requests: nothing leaves this machine.\n"
_PORTAL = b"<html><body><h1>Welcome to the guest network</h1>Please sign in.</body></html>"
_TEXTS = {
    401: "Unauthenticated",
    403: "Permission denied",
    404: "Not found",
    429: "Too many requests",
    500: "Internal error",
    503: "The service is currently unavailable",
}


class Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, whose connections the application can close."""

    def connection_made(self, transport: Any) -> None:
        """Give the application the means to close this connection."""
        super().connection_made(transport)
        inner = self.app

        @functools.wraps(inner)
        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope[_CLOSE] = transport.close
            await inner(scope, receive, send)

        self.app = app


class _Dropped(Exception):
    """The connection was closed on purpose."""


class Middleware:
    """The outermost ASGI application.

    Args:
        app: the application that answers the requests that do not fail.
        failures: those to inject.
        log: where requests are recorded.
        error_shape: of the body of an injected HTTP error: `today` or `older`.
    """

    def __init__(self, app: ASGIApp, failures: Failures, log: RequestLog, error_shape: str) -> None:
        self._app = app
        self._failures = failures
        self._log = log
        self._error_shape = error_shape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or let it fail."""
        if scope["type"] != "http":
            return
        # The client takes us for its proxy and so asks for http://host/path.
        host, scope["path"] = _host_and_path(scope["path"])
        method = _method_name(scope)
        failure = None if scope["path"] == FAIL_PATH else self._failures.take(method)
        call = _Call(scope, receive, send, failure, lambda: self._log.add(call.entry(method)))
        try:
            if host in _HOSTS:
                await self._run(call)
            else:
                await call.respond(502, _NO_PROXY, "text/plain")
        except _Dropped:
            call.close()
        finally:
            call.finish()
        if call.closed:
            # uvicorn expects a response until it has noticed that the connection is gone.
            while (await receive())["type"] != "http.disconnect":
                pass

    async def _run(self, call: "_Call") -> None:
        failure = call.failure
        if failure is not None and failure.mode == "stall":
            await call.stall(failure.amount)
        elif failure is not None and failure.mode == "html":
            return await call.respond(200, _PORTAL, "text/html")
        elif failure is not None and failure.mode.isdigit():
            status = int(failure.mode)
            body = error_body(status, _TEXTS.get(status, "Error"), self._error_shape)
            wait = failure.amount if failure.amount is not None else 1 if status == 429 else None
            headers = [] if wait is None else [(b"retry-after", f"{wait:g}".encode())]
            content = json.dumps(body).encode()
            return await call.respond(status, content, "application/json", headers)
        elif failure is not None and failure.mode == "drop" and not failure.amount:
            raise _Dropped
        try:
            await self._app(call.scope, call.receive, call.send)
        except _Dropped:
            raise
        except Exception:
            # Starlette has sent a 500 by now; the traceback belongs in the log.
            call.trace = traceback.format_exc()
        if failure is not None and failure.mode == "lose-response":
            raise _Dropped


class _Call:
    """One request, with the failure that it meets."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        failure: Failure | None,
        finished: Callable[[], None],
    ) -> None:
        self.scope = scope
        self._finished: Callable[[], None] | None = finished
        self.failure = failure
        self.closed = False
        self.trace: str | None = None
        self._receive = receive
        self._send = send
        self._status: int | None = None
        self._received = self._sent = 0
        # Bytes of the body before the failure, for the modes that fail in the middle of one.
        midway = failure is not None and failure.mode in ("drop", "freeze")
        self._left = int(failure.amount or 0) if failure and midway else None

    async def receive(self) -> Message:
        message = await self._receive()
        block = len(message.get("body", b""))
        self._received += block
        if self._left is not None and self.scope["method"] == "PUT":
            self._left -= block
            if self._left <= 0:
                await self._fail_midway()
        return message

    async def send(self, message: Message) -> None:
        if self.failure is not None and self.failure.mode == "lose-response":
            return
        if message["type"] == "http.response.start":
            self._status = message["status"]
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            if self._left is not None and self._left < len(body):
                body, cut = body[: self._left], True
                message = {**message, "body": body, "more_body": True}
            else:
                cut = False
            self._sent += len(body)
            if self._left is not None:
                self._left -= len(body)
            if not message.get("more_body"):
                self.finish()
            await self._send(message)
            if cut:
                await self._fail_midway()
            return
        await self._send(message)

    async def respond(
        self, status: int, body: bytes, kind: str, headers: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        """Respond instead of the application, once the request has been read."""
        while (await self.receive()).get("more_body"):
            pass
        length = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await self.send(
            {"type": "http.response.start", "status": status, "headers": length + (headers or [])}
        )
        await self.send({"type": "http.response.body", "body": body})

    async def stall(self, seconds: float | None) -> None:
        """Wait so many seconds; None: until the client gives up."""
        if seconds is None:
            await self._fail_midway(for_ever=True)
        else:
            await asyncio.sleep(seconds)

    async def _fail_midway(self, for_ever: bool = False) -> None:
        if for_ever or (self.failure and self.failure.mode == "freeze"):
            while (await self._receive())["type"] != "http.disconnect":
                pass
        raise _Dropped

    def close(self) -> None:
        self.closed = True
        self.finish()
        self.scope[_CLOSE]()

    def finish(self) -> None:
        """Write the log, once, and before the client can know that its call is over."""
        if self._finished is not None:
            self._finished()
            self._finished = None

    def entry(self, method: str) -> Json:
        headers = dict(self.scope["headers"])
        entry: Json = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": method,
            "path": self.scope["path"],
            "competition": self.scope.get("practice.competition"),
            "status": None if self.closed else self._status,
            "received": self._received,
            "sent": self._sent,
            "range": headers.get(b"range", headers.get(b"content-range", b"")).decode() or None,
            "failure": self.failure and self.failure.mode,
            "trace": self.trace,
        }
        return {key: value for key, value in entry.items() if value is not None}


def _host_and_path(target: str) -> tuple[str, str]:
    """Split the request's target; a plain path gives ("", path)."""
    if target.startswith("/"):
        return "", target
    host, _, path = target.partition("://")[2].partition("/")
    return host.partition(":")[0], f"/{path}"


def _method_name(scope: Scope) -> str:
    verb, path = scope["method"], str(scope["path"])
    if verb == "PUT":
        return "Upload"
    if verb == "GET":
        return "Download"
    return path.rsplit("/", 1)[-1]
