"""A stand-in for what GitHub's own command `gh` asks of GitHub's API to publish a project.

It knows one account, ada, with one repository at most, a bare one on this disk. It speaks TLS,
since `gh` speaks nothing else, with a certificate that `openssl` makes for it.
"""

import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ADA = {"login": "ada", "id": 1, "node_id": "U1", "type": "User"}
NOT_FOUND = {"message": "Not Found"}


class GitHub:
    """What GitHub knows, and what it was told.

    Args:
        root: where the bare repository comes to lie, and the certificate.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repo: dict[str, Any] | None = None
        self.pages: dict[str, Any] | None = None
        self.releases: dict[str, dict[str, Any]] = {}
        self.runs: list[str | None] = []  # how those of the page's workflow ended
        self.changes: list[str] = []  # the requests that changed something
        self.hold = ""  # the file whose upload waits until whoever sends it has been killed
        self.held = threading.Event()
        self.port = 0

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which `gh` takes this for a GitHub of its own."""
        return {
            "GH_HOST": f"localhost:{self.port}",
            "GH_ENTERPRISE_TOKEN": "token",
            "GH_CONFIG_DIR": str(self.root / "config"),
            "SSL_CERT_FILE": str(self.root / "cert.pem"),
        }

    async def answer(self, request: Request) -> Response:
        """Whatever `gh` asks."""
        body = await request.body()
        told = await request.json() if body and not request.url.path.startswith("/upload") else {}
        path, method = request.url.path.removeprefix("/api/v3").rstrip("/"), request.method
        if path == "/api/graphql":
            return self._graphql(told)
        if method != "GET":
            self.changes.append(f"{method} {path}")
        if path.startswith("/upload/"):
            return self._upload(path.split("/")[2], request.query_params["name"], body)
        if path in ("", "/user", "/users/ada"):
            return JSONResponse(ADA, headers={"X-Oauth-Scopes": "repo, read:org, gist"})
        if "/assets/" in path:
            return self._asset(path.rpartition("/")[2], method)
        found = self._under_repository(path.split("/")[4:], method, told) if self.repo else None
        return JSONResponse(NOT_FOUND if found is None else found, 404 if found is None else 200)

    def _under_repository(self, place: list[str], method: str, told: dict[str, Any]) -> Any:
        assert self.repo
        if not place:
            self.repo |= told
            return self.repo
        if place == ["topics"]:
            self.repo["topics"] = told["names"] if told else self.repo["topics"]
            return {"names": self.repo["topics"]}
        if place == ["pages"]:
            self.pages = told or self.pages
            return self.pages
        if place[:1] == ["actions"]:
            if place[-1] == "dispatches":
                self.runs.append(None)  # it runs
            return {"workflow_runs": [{"conclusion": one} for one in self.runs]}
        if place == ["releases"] and told:
            home = f"https://localhost:{self.port}"
            times = dict.fromkeys(("created_at", "published_at"), "2031-01-01T00:00:00Z")
            links = {"upload_url": f"{home}/upload/{told['tag_name']}{{?name,label}}", "url": home}
            release = {"id": 1, "draft": False, "assets": [], "author": ADA, "html_url": home}
            self.releases[told["tag_name"]] = release | links | times | told
        if place == ["releases"] and not told:
            return [*self.releases.values()]
        if place == ["releases", "1"]:
            return next(iter(self.releases.values()))
        found = self.releases.get(told.get("tag_name") or place[-1])
        # A draft has no tag yet.
        return None if found and found["draft"] and "tags" in place else found

    def _upload(self, tag: str, name: str, content: bytes) -> Response:
        if name == self.hold:
            self.hold = ""
            self.held.set()
            return JSONResponse({"message": "Bad Gateway"}, 502)
        url = f"https://localhost:{self.port}/assets/{name}"
        asset = {"id": 1, "name": name, "state": "uploaded", "size": len(content), "url": url}
        self.releases[tag]["assets"].append(asset)
        (self.root / name).write_bytes(content)
        return JSONResponse(asset, 201)

    def _asset(self, name: str, method: str) -> Response:
        if method != "DELETE":
            return Response((self.root / name).read_bytes())
        for release in self.releases.values():
            release["assets"] = [one for one in release["assets"] if one["name"] != name]
        return Response(status_code=204)

    def _graphql(self, asked: dict[str, Any]) -> Response:
        """Creating a repository, and what `gh` looks up on its own account."""
        if "createRepository" in asked["query"]:
            given = asked["variables"]["input"]
            bare = self.root / "github.com" / "ada" / f"{given['name']}.git"
            subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
            known = {"name": given["name"], "clone_url": str(bare), "topics": [], "owner": ADA}
            self.repo = known | {"private": given["visibility"] == "PRIVATE", "description": ""}
            self.changes.append("POST repository")
            made = {"id": "R1", "name": given["name"], "owner": {"login": "ada"}, "url": str(bare)}
            return JSONResponse({"data": {"createRepository": {"repository": made}}})
        if "repository(" in asked["query"]:
            return JSONResponse({"data": {"repository": self._fields(asked["query"])}})
        return JSONResponse({"data": {"viewer": {"login": "ada"}}})

    def _fields(self, query: str) -> dict[str, Any]:
        """Those that the query asks for: `gh` takes no others. Of releases, it asks for drafts."""
        assert self.repo
        known = {"id": "R1", "name": self.repo["name"], "viewerPermission": "ADMIN"}
        known |= {"owner": {"login": "ada", "id": "U1"}, "repositoryTopics": {"nodes": []}}
        _, _, wanted = query.partition("repository(")
        if "release(" in wanted:
            drafts = [one for one in self.releases.values() if one["draft"]]
            return {"release": {"databaseId": 1, "isDraft": True} if drafts else None}
        return {key: value for key, value in known.items() if re.search(rf"[^$:]\b{key}\b", wanted)}


@contextmanager
def serve(root: Path) -> Iterator[GitHub]:
    """Serve a GitHub on 127.0.0.1 until the block ends."""
    key, certificate = root / "key.pem", root / "cert.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = [*words, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    github = GitHub(root)
    methods = ["GET", "POST", "PATCH", "PUT", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", github.answer, methods=methods)])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        github.port = listener.getsockname()[1]
        config = uvicorn.Config(
            app, log_level="critical", ssl_keyfile=str(key), ssl_certfile=str(certificate)
        )
        server = uvicorn.Server(config)
        sockets = {"sockets": [listener]}
        thread = threading.Thread(target=server.run, kwargs=sockets, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        yield github
        server.should_exit = server.force_exit = True
        thread.join(timeout=5)
