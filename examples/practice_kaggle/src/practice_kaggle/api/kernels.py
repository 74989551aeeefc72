"""Methods about notebooks: saving a version, how its run stands, its log and output."""

from urllib.parse import quote

from ..account.store import KernelVersion
from ..errors import Refusal
from ..serialization import Json, paginate
from ..site import USER, Site
from .responses import STORAGE, Reply


def save_kernel(site: Site, body: Json) -> Reply:
    """Save a version of a notebook, and run it. Raise `Refusal` if it is another's."""
    owner, _, slug = str(body.get("slug") or "").partition("/")
    if owner != USER or not slug:
        raise Refusal(403, "Permission 'kernels.update' was denied")
    title = str(body.get("newTitle") or slug)
    return site.account.kernels.save(owner, slug, title, body)


def get_kernel(site: Site, body: Json) -> Reply:
    """Return the latest version. Raise `Refusal` if there is none."""
    version = _find(site, body)
    request = version.request
    copied = ("enableGpu", "enableInternet", "datasetDataSources", "competitionDataSources")
    return {
        "metadata": {
            "id": 1 + sum(map(ord, version.slug)),
            "ref": f"{USER}/{version.slug}",
            "title": version.title,
            "author": USER,
            "slug": version.slug,
            "currentVersionNumber": version.number,
            **{name: request.get(name) for name in copied},
        },
        "blob": {
            "source": request.get("text"),
            "slug": version.slug,
            "language": request.get("language"),
            "kernelType": request.get("kernelType"),
        },
    }


def get_kernel_session_status(site: Site, body: Json) -> Reply:
    """Say how the run of the latest version stands, whichever version is asked for.

    So it is on Kaggle (kaggle-cli #1201).
    """
    version = _find(site, body)
    return {"status": version.status, "failureMessage": version.failure}


def list_kernel_session_output(site: Site, body: Json) -> Reply:
    """Return the log of the latest version's run, and addresses of the files that it wrote."""
    version = _find(site, body)
    folder = site.account.kernels.output(version)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    page, following = paginate(files, body)
    address = f"{STORAGE}/kernel/{version.slug}/{version.number}"
    names = [path.relative_to(folder).as_posix() for path in page]
    return {
        "files": [{"url": f"{address}/{quote(name)}", "fileName": name} for name in names],
        "log": site.account.kernels.log(version),
        "nextPageToken": following,
    }


def _find(site: Site, body: Json) -> KernelVersion:
    if body.get("userName") != USER:
        raise Refusal(403, "Permission 'kernels.get' was denied")
    return site.account.kernels.find(str(body.get("kernelSlug") or ""))
