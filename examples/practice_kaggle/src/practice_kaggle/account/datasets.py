"""The account's datasets: versions made of uploaded files, none of which is ever changed."""

import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from ..errors import Refusal
from ..failure_injection import Failures
from ..serialization import Json
from .store import DatasetVersion, Store


class Datasets:
    """Make versions and find their files.

    Args:
        store: where they are kept.
        failures: `lose-file` leaves a file out of a version.
        keep_archives: an uploaded `x.zip` stays a file; else it becomes the folder `x`.
        processing_seconds: until a version is ready.
    """

    def __init__(
        self, store: Store, failures: Failures, keep_archives: bool, processing_seconds: float
    ) -> None:
        self._store = store
        self._failures = failures
        self._keep_archives = keep_archives
        self._processing_seconds = processing_seconds

    def create(self, slug: str, title: str, files: list[Json]) -> DatasetVersion:
        """Make a dataset.

        Args:
            slug: its name in its address.
            title: its name on its page.
            files: each with the `token` of its upload.

        Raises:
            Refusal: the slug or the title is taken, or a file was not uploaded.
        """
        for version in self._store.dataset_versions():
            if slug == version.slug:
                raise Refusal(400, f"The requested slug '{slug}' is already in use by a dataset.")
            if title == version.title:
                raise Refusal(400, f"The requested title '{title}' is already in use by a dataset.")
        lost = self._failures.take_inner("CreateDataset") == "lose-file"
        return self._add(slug, title, "Initial release", files, lost)

    def update(self, slug: str, notes: str, files: list[Json], alone: bool) -> DatasetVersion:
        """Make another version of a dataset, of these files only.

        Args:
            slug: of the dataset.
            notes: what changed.
            files: each with the `token` of its upload.
            alone: whether the older versions are deleted.

        Raises:
            Refusal: there is no such dataset, or a file was not uploaded.
        """
        latest = self.find(slug)
        lost = self._failures.take_inner("CreateDatasetVersion") == "lose-file"
        version = self._add(slug, latest.title, notes, files, lost)
        if alone:
            for number in range(1, version.number):
                shutil.rmtree(self.folder(slug, number), ignore_errors=True)
        return version

    def find(self, slug: str, number: int | None = None) -> DatasetVersion:
        """Return a version, by default the latest. Raise `Refusal` if there is none."""
        for version in self._store.dataset_versions(slug):
            if number in (None, version.number):
                return version
        raise Refusal(403, "Permission 'datasets.get' was denied")

    def versions(self, slug: str) -> list[DatasetVersion]:
        """Return all versions, the newest first."""
        return self._store.dataset_versions(slug)

    def folder(self, slug: str, number: int) -> Path:
        """Return where the files of a version lie."""
        return self._store.dataset_folder(slug, number)

    def is_ready(self, version: DatasetVersion) -> bool:
        """Return whether a version has been processed."""
        age = datetime.now(UTC).timestamp() - version.created
        return age >= self._processing_seconds

    def _add(
        self, slug: str, title: str, notes: str, files: list[Json], lost: bool
    ) -> DatasetVersion:
        uploads = []
        for file in files:
            upload = self._store.upload(str(file.get("token") or ""))
            if upload is None or not self._store.uploaded(upload.token).exists():
                raise Refusal(400, "A file of the dataset was not uploaded")
            uploads.append(upload)

        def fill(folder: Path) -> None:
            for upload in uploads[: len(uploads) - lost]:
                path = self._store.uploaded(upload.token)
                if upload.file_name.endswith(".zip") and not self._keep_archives:
                    with zipfile.ZipFile(path) as archive:
                        archive.extractall(folder / upload.file_name.removesuffix(".zip"))
                else:
                    shutil.copyfile(path, folder / upload.file_name)

        now = datetime.now(UTC).timestamp()
        return self._store.add_dataset_version(slug, title, notes, now, fill)
