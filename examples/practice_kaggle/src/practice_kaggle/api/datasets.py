"""Methods about datasets: uploading their files, making versions, what became of them."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from ..account.store import DatasetVersion
from ..errors import Refusal
from ..serialization import Json, format_time, paginate
from ..site import ACCOUNT, USER, Site
from .responses import STORAGE, Redirect, Reply


def start_blob_upload(site: Site, body: Json) -> Reply:
    """Announce a file of a dataset; return where to PUT it."""
    name = str(body.get("name") or "").replace("\\", "/").split("/")[-1]
    upload = site.account.store.new_upload(name, int(body.get("contentLength") or 0))
    return {"token": upload.token, "createUrl": f"{STORAGE}/upload/{ACCOUNT}/{upload.token}"}


def create_dataset(site: Site, body: Json) -> Reply:
    """Make a dataset. What Kaggle finds wrong is told in a response that is no HTTP error."""
    _require_own(body.get("ownerSlug"))
    slug, title = str(body.get("slug") or ""), str(body.get("title") or "")
    try:
        site.account.datasets.create(slug, title, list(body.get("files") or []))
    except Refusal as refusal:
        return {"status": "error", "error": refusal.message}
    return _made(slug)


def create_dataset_version(site: Site, body: Json) -> Reply:
    """Make another version of a dataset."""
    _require_own(body.get("ownerSlug"))
    slug, inner = str(body.get("datasetSlug") or ""), body.get("body") or {}
    notes, files = str(inner.get("versionNotes") or ""), list(inner.get("files") or [])
    site.account.datasets.update(slug, notes, files, bool(inner.get("deleteOldVersions")))
    return _made(slug)


def get_dataset_status(site: Site, body: Json) -> Reply:
    """Say whether the latest version is ready. Raise `Refusal` if there is no such dataset."""
    version = _find(site, body)
    ready = site.account.datasets.is_ready(version)
    return {"status": "READY" if ready else "BLOBS_RECEIVED"}


def get_dataset(site: Site, body: Json) -> Reply:
    """Describe a dataset. Raise `Refusal` if there is none."""
    version = _find(site, body)
    return {
        "id": 1 + sum(map(ord, version.slug)),
        "ref": f"{USER}/{version.slug}",
        "url": f"https://www.kaggle.com/datasets/{USER}/{version.slug}",
        "title": version.title,
        "ownerRef": USER,
        "isPrivate": True,
        "lastUpdated": _time(version),
        "currentVersionNumber": version.number,
        "versions": [
            {"versionNumber": v.number, "versionNotes": v.notes, "creationDate": _time(v)}
            for v in site.account.datasets.versions(version.slug)
        ],
    }


def list_dataset_files(site: Site, body: Json) -> Reply:
    """List the files of a version, by default the latest."""
    version = _find(site, body)
    folder = site.account.datasets.folder(version.slug, version.number)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    page, following = paginate(files, body)
    return {
        "datasetFiles": [
            {
                "name": path.relative_to(folder).as_posix(),
                "totalBytes": path.stat().st_size,
                "creationDate": _time(version),
            }
            for path in page
        ],
        "nextPageToken": following,
    }


def download_dataset(site: Site, body: Json) -> Reply:
    """Redirect to one file of a version. Raise `Refusal` if there is none, or none is named."""
    version = _find(site, body)
    name = str(body.get("fileName") or "")
    if not name:
        raise Refusal(501, "The practice Kaggle sends single files of datasets only")
    if not Path(site.account.datasets.folder(version.slug, version.number), name).is_file():
        raise Refusal(404, f"The file '{name}' was not found")
    return Redirect(f"{STORAGE}/dataset/{version.slug}/{version.number}/{quote(name)}")


def _find(site: Site, body: Json) -> DatasetVersion:
    if body.get("ownerSlug") != USER:
        raise Refusal(403, "Permission 'datasets.get' was denied")
    number = body.get("datasetVersionNumber")
    slug = str(body.get("datasetSlug") or "")
    return site.account.datasets.find(slug, int(number) if number else None)


def _require_own(owner: object) -> None:
    if owner != USER:
        raise Refusal(403, "Permission 'datasets.create' was denied")


def _made(slug: str) -> Json:
    return {
        "ref": f"/{USER}/{slug}",
        "url": f"https://www.kaggle.com/datasets/{USER}/{slug}",
        "status": "ok",
    }


def _time(version: DatasetVersion) -> str:
    return format_time(datetime.fromtimestamp(version.created, UTC))
