"""Fixtures: portfolios in a temporary folder, and a web server that speaks TLS."""

import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from project_cards import Server


@pytest.fixture
def portfolio(tmp_path: Path) -> Callable[..., Path]:
    """`portfolio("../digits", url=...)`: a folder with that projects.yaml."""

    def write(*projects: Any, **keys: Any) -> Path:
        folder = tmp_path / "portfolio"
        folder.mkdir(exist_ok=True)
        settings = {
            "name": "Ada Lovelace",
            "headline": "Engines & <numbers>",
            "url": "https://ada.github.io/portfolio",
            "links": {"GitHub": "https://github.com/ada"},
            "projects": list(projects),
        }
        text = yaml.safe_dump(settings | keys)
        (folder / "projects.yaml").write_text(text, encoding="utf-8")
        (folder / "about.md").write_text(
            "<!-- A hint. -->\nI *count*. <script>x</script>\n", encoding="utf-8"
        )
        return folder

    return write


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server over https that this process trusts; `/drip` sends a byte now and then for ever."""
    served = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            if self.path == "/drip":
                self.send_response(200)
                self.end_headers()
                while not served.stall.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            elif self.path in served.redirects:
                self.send_response(302)
                self.send_header("Location", served.redirects[self.path])
                self.end_headers()
            elif self.path in served.files:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(served.files[self.path])
            else:
                self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("NO_PROXY", "localhost")
    http = ThreadingHTTPServer(("localhost", 0), Handler)
    http.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hung up
    http.socket = context.wrap_socket(http.socket, server_side=True)
    served.address = f"https://localhost:{http.server_address[1]}"
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield served
    served.stall.set()
    http.shutdown()
    http.server_close()
