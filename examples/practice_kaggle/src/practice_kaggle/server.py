"""Runs the practice Kaggle in a thread: for tests, and for the command line."""

import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from os import PathLike, environ
from pathlib import Path

import uvicorn

from .app import build_app
from .environment import client_environment
from .errors import PracticeError
from .faults import Fault, Faults, parse_fault
from .gate import Gate, Protocol, RequestLog
from .site import Site
from .wire import Json

Folder = str | PathLike[str]


@dataclass(frozen=True)
class Server:
    """A running practice Kaggle."""

    site: Site
    port: int
    env: dict[str, str]  # lay this over os.environ, and the official client talks to this server
    faults: Faults
    log: RequestLog

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Json]:
        """What was asked of this server so far, in the order it was answered."""
        return list(self.log.entries)

    def count(self, method: str) -> int:
        """How often `method` was called; "Download" and "Upload" are the plain GET and PUT."""
        return sum(entry["method"] == method for entry in self.log.entries)

    def fail(
        self, method: str, mode: str, amount: float | None = None, times: int | None = 1
    ) -> None:
        """Lets the next `times` calls of `method` fail; see faults.MODES for the ways."""
        self.faults.add(Fault(method, mode, amount, times))


@contextmanager
def serve(
    *folders: Folder,
    fail: str | Sequence[str] = (),
    port: int = 0,
    now: datetime | None = None,
    error_shape: str = "today",
    unknown_status: int = 403,
) -> Iterator[Server]:
    """Serves practice folders on 127.0.0.1 until the block ends.

    `fail` holds texts like "Download=drop@5000:2"; `now` sets the clock;
    `error_shape` is "today" or "older"; `unknown_status` (403 or 404) answers an unknown slug.
    PracticeError if a folder or a text is at fault.
    """
    site = Site(
        [Path(folder) for folder in folders],
        now=now,
        error_shape=error_shape,
        unknown_status=unknown_status,
    )
    faults = Faults()
    wanted = [text for c in site.competitions.values() for text in c.settings.fail]
    for text in [*wanted, *([fail] if isinstance(fail, str) else fail)]:
        faults.add(parse_fault(text))
    first = next(iter(site.competitions.values()))
    log = RequestLog(first.folder / "state" / "requests.jsonl")
    gate = Gate(build_app(site, faults), faults, log, error_shape)
    with (
        tempfile.TemporaryDirectory(prefix="practice-kaggle-", ignore_cleanup_errors=True) as home,
        _listening(port) as listener,
    ):
        Path(home, ".kaggle").mkdir()
        actual: int = listener.getsockname()[1]
        with _running(gate, listener):
            env = client_environment(actual, Path(home), environ)
            yield Server(site, actual, env, faults, log)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise PracticeError(f"Port {port} of 127.0.0.1 can't be used: {error}.") from None
        yield listener


@contextmanager
def _running(app: Gate, listener: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="practice-kaggle", daemon=True
    )
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=5)
