"""The storage host: files to download (with ranges), uploads (resumable, as Kaggle's blobs are)."""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from .db import Upload
from .errors import Refusal
from .site import Site

_CONTENT_RANGE = re.compile(r"bytes (?:\*|(?P<first>\d+)-\d+)/(?P<total>\d+)")


def send_file(site: Site, slug: str, inside: str) -> Response:
    """Send a data file or a cached zip of it, and nothing else of the practice folder.

    Args:
        site: what is served.
        slug: of the competition.
        inside: the file's path in the practice folder.

    Raises:
        Refusal: there is no such file, or it is not to be served.
    """
    competition = site.find(slug)
    path = (competition.folder / inside).resolve()
    roots = (competition.folder / "data", competition.cache)
    if not path.is_file() or not any(path.is_relative_to(root.resolve()) for root in roots):
        raise Refusal(404, "Not found")
    return FileResponse(path)


def send_account_file(site: Site, kind: str, slug: str, number: int, inside: str) -> Response:
    """Send a file of a dataset's version, or one that a notebook wrote.

    Args:
        site: what is served.
        kind: `dataset` or `kernel`.
        slug: of the dataset or the notebook.
        number: its version.
        inside: the file's path in it.

    Raises:
        Refusal: there is no such file.
    """
    store = site.account.store
    if kind == "dataset":
        root = store.dataset_folder(slug, number)
    else:
        root = store.kernel_folder(slug, number) / "output"
    path = (root / inside).resolve()
    if not path.is_file() or not path.is_relative_to(root.resolve()):
        raise Refusal(404, "Not found")
    return FileResponse(path)


def send_upload(site: Site, slug: str, token: str) -> Response:
    """Send a submission as it was uploaded.

    Raises:
        Refusal: there is no such upload, or it is not complete.
    """
    db = site.find(slug).db
    upload = db.upload(token)
    if upload is None or not db.uploaded(token).exists():
        raise Refusal(404, "Not found")
    return FileResponse(db.uploaded(token), filename=upload.file_name)


async def receive_upload(site: Site, request: Request) -> Response:
    """Take a PUT: a whole file, its rest (Content-Range), or the question how much is there.

    Raises:
        Refusal: the upload is not known, its range or its length is wrong.
    """
    db = site.database(request.path_params["slug"])
    upload = db.upload(request.path_params["token"])
    if upload is None:
        raise Refusal(404, "Not found")
    whole = db.uploaded(upload.token)
    part = whole.with_suffix(".part")
    if whole.exists():
        return Response(status_code=200)
    header = request.headers.get("content-range")
    first = 0
    if header is not None:
        match = _CONTENT_RANGE.fullmatch(header)
        if match is None:
            raise Refusal(400, "Invalid Content-Range")
        have = part.stat().st_size if part.exists() else 0
        if match["first"] is None:
            return _incomplete(have)
        first = int(match["first"])
        if first > have:
            return _incomplete(have)
    await _append(request, part, first)
    if header is not None and part.stat().st_size < upload.length:
        return _incomplete(part.stat().st_size)
    return _finished(upload, part, whole)


async def _append(request: Request, part: Path, first: int) -> None:
    part.touch()
    with part.open("r+b") as file:
        file.truncate(first)
        file.seek(first)
        async for block in request.stream():
            file.write(block)


def _finished(upload: Upload, part: Path, whole: Path) -> Response:
    if part.stat().st_size != upload.length:
        raise Refusal(400, f"Expected {upload.length} bytes, received {part.stat().st_size}")
    part.replace(whole)
    return Response(status_code=200)


def _incomplete(have: int) -> Response:
    headers = {"Range": f"bytes=0-{have - 1}"} if have else {}
    return Response(status_code=308, headers=headers)
