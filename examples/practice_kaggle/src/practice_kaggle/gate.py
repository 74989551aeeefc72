"""What stands before the application: proxy addresses, failures on demand, the request log."""

import asyncio
import functools
import json
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .errors import error_body
from .faults import FAIL_PATH, Fault, Faults
from .wire import Json

_HANG_UP = "practice.hang_up"
_HOSTS = {"", "localhost", "storage.localhost", "127.0.0.1"}
_NOT_OUT = b"The practice Kaggle is no way out: nothing leaves this machine.\n"
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
    """uvicorn's HTTP/1.1 protocol, with a way for the application to hang up."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        inner = self.app

        @functools.wraps(inner)
        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope[_HANG_UP] = transport.close
            await inner(scope, receive, send)

        self.app = app


class _Dropped(Exception):
    """The connection was closed on purpose."""


class RequestLog:
    """Every request of this server; also appended to a file of JSON lines. No credentials."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.entries: list[Json] = []

    def add(self, entry: Json) -> None:
        with self._lock:
            self.entries.append(entry)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


class Gate:
    """The outermost ASGI application."""

    def __init__(self, app: ASGIApp, faults: Faults, log: RequestLog, error_shape: str) -> None:
        self._app = app
        self._faults = faults
        self._log = log
        self._error_shape = error_shape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        # The client takes us for its proxy and so asks for http://host/path.
        host, scope["path"] = _host_and_path(scope["path"])
        method = _method_name(scope)
        fault = None if scope["path"] == FAIL_PATH else self._faults.take(method)
        call = _Call(scope, receive, send, fault, lambda: self._log.add(call.entry(method)))
        try:
            if host in _HOSTS:
                await self._run(call)
            else:
                await call.answer(502, _NOT_OUT, "text/plain")
        except _Dropped:
            call.hang_up()
        finally:
            call.finish()
        if call.hung_up:
            # uvicorn expects an answer until it has noticed that the connection is gone.
            while (await receive())["type"] != "http.disconnect":
                pass

    async def _run(self, call: "_Call") -> None:
        fault = call.fault
        if fault is not None and fault.mode == "stall":
            await call.stall(fault.amount)
        elif fault is not None and fault.mode == "html":
            return await call.answer(200, _PORTAL, "text/html")
        elif fault is not None and fault.mode.isdigit():
            status = int(fault.mode)
            body = error_body(status, _TEXTS.get(status, "Error"), self._error_shape)
            wait = fault.amount if fault.amount is not None else 1 if status == 429 else None
            headers = [] if wait is None else [(b"retry-after", f"{wait:g}".encode())]
            return await call.answer(status, json.dumps(body).encode(), "application/json", headers)
        elif fault is not None and fault.mode == "drop" and not fault.amount:
            raise _Dropped
        try:
            await self._app(call.scope, call.receive, call.send)
        except _Dropped:
            raise
        except Exception:
            # Starlette has answered 500 by now; what went wrong belongs in the log.
            call.trace = traceback.format_exc()
        if fault is not None and fault.mode == "lose-answer":
            raise _Dropped


class _Call:
    """One request on its way through the gate."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        fault: Fault | None,
        finished: Callable[[], None],
    ) -> None:
        self.scope = scope
        self._finished: Callable[[], None] | None = finished
        self.fault = fault
        self.hung_up = False
        self.trace: str | None = None
        self._receive = receive
        self._send = send
        self._status: int | None = None
        self._received = self._sent = 0
        # Bytes of the body until the failure, for the failures in the middle of one.
        self._left = int(fault.amount or 0) if fault and fault.mode in ("drop", "freeze") else None

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
        if self.fault is not None and self.fault.mode == "lose-answer":
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

    async def answer(
        self, status: int, body: bytes, kind: str, headers: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        """Answers instead of the application, once the request has been read."""
        while (await self.receive()).get("more_body"):
            pass
        length = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await self.send(
            {"type": "http.response.start", "status": status, "headers": length + (headers or [])}
        )
        await self.send({"type": "http.response.body", "body": body})

    async def stall(self, seconds: float | None) -> None:
        """Waits so long; without a time, until the client gives up."""
        if seconds is None:
            await self._fail_midway(for_ever=True)
        else:
            await asyncio.sleep(seconds)

    async def _fail_midway(self, for_ever: bool = False) -> None:
        if for_ever or (self.fault and self.fault.mode == "freeze"):
            while (await self._receive())["type"] != "http.disconnect":
                pass
        raise _Dropped

    def hang_up(self) -> None:
        self.hung_up = True
        self.finish()
        self.scope[_HANG_UP]()

    def finish(self) -> None:
        """Writes the log, once, and before the client can know that its call is over."""
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
            "status": None if self.hung_up else self._status,
            "received": self._received,
            "sent": self._sent,
            "range": headers.get(b"range", headers.get(b"content-range", b"")).decode() or None,
            "fault": self.fault and self.fault.mode,
            "trace": self.trace,
        }
        return {key: value for key, value in entry.items() if value is not None}


def _host_and_path(target: str) -> tuple[str, str]:
    """What follows the request's verb, taken apart: ("", path) for a plain path."""
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
