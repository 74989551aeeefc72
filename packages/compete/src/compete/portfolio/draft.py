"""A draft of a release on GitHub, by which results come home from a borrowed machine.

Only those who may push to the repository see a draft: nothing is published by it. It asks GitHub's
API and not `gh`, which Colab and Kaggle do not have.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compete.errors import Fault, first_line
from compete.files import git, note
from compete.portfolio.github import RETRY, SECONDS
from compete.portfolio.repository import github_name

if TYPE_CHECKING:
    import requests

TAG = "results"
_MOST = 2 * 2**30  # bytes of a file of a release
_TOKEN = "Give GITHUB_TOKEN a token that may write the contents of {}."


def attach(file: Path) -> None:
    """Attach a file to the draft; an earlier one of its name is replaced.

    The variable GITHUB_TOKEN holds the token, as GitHub's own workflows have it.

    Args:
        file: what is attached.

    Raises:
        Fault: `origin` is not on GitHub, the file is too large, or GitHub refuses it.
    """
    import requests

    name = github_name(git("remote", "get-url", "origin"))
    if not name:
        raise Fault(
            "`origin` is not on GitHub, so there are no releases.",
            "Clone the project from GitHub, or bring the file home in another way.",
        )
    if not file.is_file():
        raise Fault(f"There is no file {file}.", "Name the file that is to be attached.")
    if file.stat().st_size >= _MOST:
        raise Fault(
            f"{file} has {file.stat().st_size / 2**30:.1f} GiB, and a release takes less than 2.",
            "Bring it home by a remote of DVC.",
        )
    token, remedy = os.environ.get("GITHUB_TOKEN", ""), _TOKEN.format(name)
    if not token:
        raise Fault("GITHUB_TOKEN is not set.", remedy)
    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        try:
            _attach(session, f"{api}/repos/{name}/releases", file)
        except requests.HTTPError as error:
            code = error.response.status_code
            remedy = remedy if code in (401, 403, 404) else RETRY
            raise Fault(f"GitHub refused: {code} {error.response.reason}.", remedy) from None
        except requests.RequestException as error:
            raise Fault(f"GitHub can't be reached: {first_line(error)}.", RETRY) from None
    note(f"{file.name} is in the draft {TAG} of https://github.com/{name}/releases.")


def _attach(session: "requests.Session", releases: str, file: Path) -> None:
    def ask(method: str, url: str, **options: Any) -> Any:
        answer = session.request(method, url, timeout=SECONDS, **options)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    there = ask("GET", releases, params={"per_page": 100})
    draft = next((one for one in there if one["tag_name"] == TAG), None)
    if draft is None:
        draft = ask("POST", releases, json={"tag_name": TAG, "name": TAG, "draft": True})
    elif not draft["draft"]:
        raise Fault(
            f"The release {TAG} is published already: what is attached would be too.",
            "Make it a draft again, or delete it, and run the same command again.",
        )
    for asset in draft["assets"]:
        if asset["name"] == file.name:
            ask("DELETE", asset["url"])
    with file.open("rb") as content:
        ask(
            "POST",
            draft["upload_url"].partition("{")[0],
            params={"name": file.name},
            headers={"Content-Type": "application/octet-stream"},
            data=content,
        )
