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

from .account.account import HostOptions
from .app import build_app
from .environment import client_environment
from .errors import PracticeError
from .failure_injection import Failure, Failures, parse_failure
from .middleware import Middleware, Protocol
from .request_log import RequestLog
from .serialization import Json
from .site import Site

Folder = str | PathLike[str]


@dataclass(frozen=True)
class Server:
    """A running practice Kaggle.

    Args:
        site: what it serves.
        port: of 127.0.0.1.
        env: variables which, laid over `os.environ`, lead the official client to this server.
        failures: those that are still to come.
        log: the requests so far.
    """

    site: Site
    port: int
    env: dict[str, str]
    failures: Failures
    log: RequestLog

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Json]:
        """The requests to this server so far, in the order in which they were answered."""
        return list(self.log.entries)

    def count(self, method: str) -> int:
        """Return how often `method` was called; "Download" and "Upload" are plain GET and PUT."""
        return sum(entry["method"] == method for entry in self.log.entries)

    def fail(
        self, method: str, mode: str, amount: float | None = None, times: int | None = 1
    ) -> None:
        """Let the next calls of a method fail.

        Args:
            method: one of the API's, `Download`, `Upload` or `*`.
            mode: one of `failure_injection.MODES`.
            amount: bytes or seconds, depending on the mode.
            times: how many calls fail; None: all.
        """
        self.failures.add(Failure(method, mode, amount, times))


@contextmanager
def serve(
    *folders: Folder,
    fail: str | Sequence[str] = (),
    port: int = 0,
    now: datetime | None = None,
    error_shape: str = "today",
    unknown_status: int = 403,
    host: HostOptions | None = None,
) -> Iterator[Server]:
    """Serve practice folders on 127.0.0.1 until the block ends.

    Args:
        folders: practice folders, or folders of them.
        fail: failures to inject, such as `Download=drop@5000:2`.
        port: to listen on; 0: any free one.
        now: what the server's clock shows at the start.
        error_shape: of error responses: `today` or `older`.
        unknown_status: the status for an unknown slug: 403 or 404.
        host: how datasets are stored and notebooks run.

    Raises:
        PracticeError: a folder or a failure is wrong, or the port is taken.
    """
    failures = Failures()
    site = Site(
        [Path(folder) for folder in folders],
        now=now,
        error_shape=error_shape,
        unknown_status=unknown_status,
        host=host,
        failures=failures,
    )
    wanted = [text for c in site.competitions.values() for text in c.settings.fail]
    for text in [*wanted, *([fail] if isinstance(fail, str) else fail)]:
        failures.add(parse_failure(text))
    first = next(iter(site.competitions.values()))
    log = RequestLog(first.folder / "state" / "requests.jsonl")
    app = Middleware(build_app(site, failures), failures, log, error_shape)
    with (
        tempfile.TemporaryDirectory(prefix="practice-kaggle-", ignore_cleanup_errors=True) as home,
        _listening(port) as listener,
    ):
        Path(home, ".kaggle").mkdir()
        actual: int = listener.getsockname()[1]
        with _running(app, listener):
            env = client_environment(actual, Path(home), environ)
            try:
                yield Server(site, actual, env, failures, log)
            finally:
                site.close()


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise PracticeError(f"Port {port} of 127.0.0.1 can't be used: {error}.") from None
        yield listener


@contextmanager
def _running(app: Middleware, listener: socket.socket) -> Iterator[None]:
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
