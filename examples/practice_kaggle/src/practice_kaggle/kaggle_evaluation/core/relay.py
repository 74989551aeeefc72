"""How a gateway calls the functions of an inference server: over a socket of this machine.

Kaggle's relay uses gRPC. Here tables travel in Arrow's IPC format and all else as text, so that
nothing is unpickled. As with gRPC, the functions run in a thread that is not the main one.
"""

import io
import os
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Client as connect
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

import polars as pl

ADDRESS = "PRACTICE_KAGGLE_GATEWAY"
"""The environment variable that holds the address of the socket, in the rerun of a submission."""

STARTUP_SECONDS = 900.0
RESPONSE_SECONDS = 300.0
_RETRY_SECONDS = 0.05
_TABLE, _RAISED, _MISSING, _NO_TABLE = b"table", b"raised", b"missing", b"no table"


class GatewayError(Exception):
    """Why a gateway gave up.

    Args:
        kind: as Kaggle names it, such as `SERVER_NEVER_STARTED`. Only this is shown to competitors.
        details: what the host of a competition sees.
    """

    def __init__(self, kind: str, details: str = "") -> None:
        super().__init__(f"{kind}: {details}" if details else kind)
        self.kind, self.details = kind, details


class Server:
    """Answers calls of functions by their names.

    Args:
        listeners: the functions.
    """

    def __init__(self, *listeners: Callable[..., Any]) -> None:
        self._listeners = {one.__name__: one for one in listeners}
        self._thread: threading.Thread | None = None

    def start(self, address: str) -> None:
        """Answer one gateway, in a thread of its own, until it hangs up."""
        listener = Listener(address)
        self._thread = threading.Thread(target=self._answer, args=(listener,), daemon=True)
        self._thread.start()

    def wait_for_termination(self) -> None:
        """Return when the gateway has hung up."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(1)  # with a limit, so that Ctrl-C gets through

    def _answer(self, listener: Listener) -> None:
        try:
            with listener, listener.accept() as connection:
                while True:
                    name = connection.recv_bytes().decode()
                    count = int(connection.recv_bytes())
                    tables = [_table(connection.recv_bytes()) for _ in range(count)]
                    for part in self._call(name, tables):
                        connection.send_bytes(part)
        except (EOFError, OSError):
            return

    def _call(self, name: str, tables: list[pl.DataFrame]) -> tuple[bytes, bytes]:
        """Return the kind of the answer, and the answer."""
        if name not in self._listeners:
            return _MISSING, name.encode()
        try:
            found = self._listeners[name](*tables)
            if not isinstance(found, pl.DataFrame) and hasattr(found, "columns"):
                found = pl.from_pandas(found)
        except BaseException as error:
            traceback.print_exc()
            return _RAISED, f"{type(error).__name__}: {error}".encode()
        if not isinstance(found, pl.DataFrame):
            return _NO_TABLE, type(found).__name__.encode()
        return _TABLE, _bytes(found)


class Client:
    """Calls the functions of a server.

    Args:
        address: of its socket.
        startup_seconds: for the server to be started.
        response_seconds: for an answer, except the first one: a server may load its models then.
        alive: whether there is any use in waiting for the server to be started.
    """

    def __init__(
        self,
        address: str,
        startup_seconds: float = STARTUP_SECONDS,
        response_seconds: float = RESPONSE_SECONDS,
        alive: Callable[[], bool] = lambda: True,
    ) -> None:
        self._address, self._alive = address, alive
        self._startup_seconds, self._response_seconds = startup_seconds, response_seconds
        self._connection: Connection | None = None

    def send(self, name: str, *tables: pl.DataFrame) -> pl.DataFrame:
        """Return what the server's function `name` returns for these tables.

        Raises:
            GatewayError: the server was not started, is gone, has no such function or is late; or
                the function raised, or returned no table.
        """
        first = self._connection is None
        connection = self._connect() if self._connection is None else self._connection
        try:
            for part in (name.encode(), str(len(tables)).encode(), *map(_bytes, tables)):
                connection.send_bytes(part)
            if not connection.poll(None if first else self._response_seconds):
                late = f"no answer within {self._response_seconds:g} seconds"
                raise GatewayError("GRPC_DEADLINE_EXCEEDED", late)
            kind, answer = connection.recv_bytes(), connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise GatewayError("SERVER_CONNECTION_FAILED", str(error)) from None
        if kind == _TABLE:
            return _table(answer)
        text = answer.decode(errors="replace")
        if kind == _RAISED:
            raise GatewayError("SERVER_RAISED_EXCEPTION", text)
        if kind == _MISSING:
            raise GatewayError("SERVER_MISSING_ENDPOINT", f"there is no function {text}")
        raise GatewayError("INVALID_SUBMISSION", f"the prediction is no table but {text}")

    def close(self) -> None:
        """Hang up, upon which the server ends."""
        if self._connection is not None:
            self._connection.close()

    def _connect(self) -> Connection:
        end = time.monotonic() + self._startup_seconds
        while self._alive() and time.monotonic() < end:
            try:
                self._connection = connect(self._address)
            except OSError:
                time.sleep(_RETRY_SECONDS)
            else:
                return self._connection
        if self._alive():
            late = f"serve() was not called within {self._startup_seconds:g} seconds"
            raise GatewayError("SERVER_NEVER_STARTED", late)
        raise GatewayError("SERVER_NEVER_STARTED", "the notebook ended without serve()")


def socket_in(folder: Path) -> str:
    """Return the address of a new socket; where sockets are files, it lies in this folder."""
    return rf"\\.\pipe\{folder.name}" if os.name == "nt" else str(folder / "socket")


def _bytes(table: pl.DataFrame) -> bytes:
    return table.write_ipc(None).getvalue()


def _table(data: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(data))
