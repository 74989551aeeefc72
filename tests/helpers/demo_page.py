"""A demo as a visitor has it: in a browser, from a disk or from a server."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

COUNT = "Number(document.getElementById('result').dataset.count ?? 0)"
READY = "document.body.dataset.ready == 'yes' || !document.getElementById('problem').hidden"


def open_demo(chrome: Browser, address: str, said: list[str], **options: Any) -> Page:
    """Open a page; what it prints, and what it asks for beyond its folder, goes to `said`."""
    page = chrome.new_context(**options).new_page()
    folder = address.rpartition("/")[0]
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith(("data:", "blob:", folder)) else said.append(asked.url)
        ),
    )
    page.goto(address)
    page.wait_for_function(READY, timeout=120_000)
    assert page.locator("#problem").is_hidden(), page.locator("#problem").inner_text()
    return page


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A server of files that prints nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Yield the address of a page on a server that sends no special headers."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()
