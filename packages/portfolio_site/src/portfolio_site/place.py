"""Where the files of a project are on the web, by the address that `projects.yaml` names."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urljoin

from portfolio_site.addresses import https_address

REPORTS = "reports/"
CARD = "card.json"
_GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


@dataclass(frozen=True)
class Place:
    """The addresses of a project's folders; each ends with a slash.

    Args:
        reports: of the folder `reports/`, to download from.
        pages: of the same folder as people see it.
        files: of the project's other files as people see them; empty if they are not shown.
    """

    reports: str
    pages: str
    files: str

    @classmethod
    def of_repository(cls, address: str) -> Self | None:
        """Return the place of a repository on GitHub, None if the address is no such one.

        Its page shows the folder `reports/`: the project's own workflow does that.
        """
        found = _GITHUB.fullmatch(address)
        if not found:
            return None
        owner, name = found.groups()
        host = f"{owner.lower()}.github.io"
        return cls(
            f"https://raw.githubusercontent.com/{owner}/{name}/HEAD/{REPORTS}",
            f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/",
            f"https://github.com/{owner}/{name}/blob/HEAD/",
        )

    @classmethod
    def of_address(cls, address: str) -> Self:
        """Return the place that an address leads to: a repository, a page or a card."""
        repository = cls.of_repository(address)
        if repository:
            return repository
        folder = urljoin(address, ".") if address.endswith(".json") else address.rstrip("/") + "/"
        return cls(folder, folder, "")

    def download(self, path: str) -> str:
        """Return the address of a file of the project, empty if it is not in `reports/`."""
        return self._below(self.reports, path)

    def link(self, path: str) -> str:
        """Return the address that shows a file of the project, empty if none does."""
        if not path.startswith(REPORTS):
            return https_address(self.files + quote(path)) if self.files else ""
        return self._below(self.pages, path).removesuffix("index.html")

    def _below(self, folder: str, path: str) -> str:
        inside = path.startswith(REPORTS)
        return https_address(folder + quote(path.removeprefix(REPORTS))) if inside else ""
