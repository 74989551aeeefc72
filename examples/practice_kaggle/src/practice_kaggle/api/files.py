"""Methods about the data: its files, one by one or all as one zip."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from ..competition import Competition
from ..datafiles import bundle, data_files, zipped
from ..errors import Refusal
from ..serialization import Json, format_time, paginate
from ..site import Site
from .responses import STORAGE, Redirect, Reply


def list_data_files(site: Site, body: Json) -> Reply:
    """List the data files; a competitor need not have accepted the rules."""
    competition = site.find(body.get("competitionName"))
    competition.check_entered(rules=False)
    files, following = paginate(data_files(competition.folder), body)
    return {
        "files": [
            {
                "ref": file.name,
                "name": file.name,
                "totalBytes": file.bytes,
                "creationDate": format_time(datetime.fromtimestamp(file.changed, UTC)),
            }
            for file in files
        ],
        "nextPageToken": following,
    }


def download_data_files(site: Site, body: Json) -> Reply:
    """Redirect to a zip of all data files."""
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    slug = competition.settings.slug
    return _redirect(competition, bundle(competition.folder, competition.cache, slug))


def download_data_file(site: Site, body: Json) -> Reply:
    """Redirect to one data file. Raise `Refusal` if there is none of that name."""
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    name = str(body.get("fileName") or "")
    file = next((f for f in data_files(competition.folder) if f.name == name), None)
    if file is None:
        raise Refusal(404, f"The file '{name}' was not found")
    if competition.settings.zip_single_files:
        return _redirect(competition, zipped(file, competition.cache))
    return _redirect(competition, file.path)


def _redirect(competition: Competition, path: Path) -> Redirect:
    """Redirect to a file of the practice folder; the address ends with the real file name."""
    inside = path.relative_to(competition.folder).as_posix()
    return Redirect(f"{STORAGE}/file/{competition.settings.slug}/{quote(inside)}")
