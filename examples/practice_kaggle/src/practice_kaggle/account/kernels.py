"""The account's notebooks: versions, their runs in the background, and reruns for submissions."""

import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from ..competition import RERUN, Competition
from ..db import Rerun
from ..errors import BadSubmission, Interrupted, Refusal
from ..failure_injection import Failures
from ..serialization import Json
from ..settings import Settings
from .datasets import Datasets
from .evaluation import Evaluation
from .image import Image
from .session import Limits, Outcome, run
from .store import KernelVersion, Store

_MEMORY_GB = 30.0  # of a session that is no rerun
_CLOSE_SECONDS = 5.0  # for processes to end
_OPEN = ("QUEUED", "RUNNING")
_INJECTED = {
    "fail-run": 'raise RuntimeError("This failure was asked for: SaveKernel=fail-run")',
    "stick": "import time; time.sleep(10 ** 6)",
}


class Kernels:
    """Save versions of notebooks, run them, and find what they left.

    Args:
        store: where they are kept.
        datasets: those that a notebook may attach.
        competitions: those that a notebook may attach, by slug.
        failures: those that are injected into runs.
        image: the Python that runs notebooks.
        nested_inputs: whether inputs lie in `competitions/` and `datasets/<owner>/`.
        session_seconds: after which a notebook that was pushed is ended.
    """

    def __init__(
        self,
        store: Store,
        datasets: Datasets,
        competitions: dict[str, Competition],
        failures: Failures,
        image: Image,
        *,
        nested_inputs: bool,
        session_seconds: float,
    ) -> None:
        self._store = store
        self._datasets = datasets
        self._competitions = competitions
        self._failures = failures
        self._image = image
        self._nested_inputs = nested_inputs
        self._limits = Limits(session_seconds, _MEMORY_GB)
        self._running: set[tuple[str, int]] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._sessions: set[object] = set()

    def save(self, owner: str, slug: str, title: str, request: Json) -> Json:
        """Save a version and begin to run it; return Kaggle's response."""
        injected = self._failures.take_inner("SaveKernel")
        if injected == "quota":
            return {"error": "Maximum weekly GPU quota of 30.00 hours reached."}
        given = {
            kind: list(request.get(f"{kind}DataSources") or [])
            for kind in ("dataset", "competition")
        }
        unknown = {
            "dataset": [s for s in given["dataset"] if not self._knows_dataset(s)],
            "competition": [s for s in given["competition"] if s not in self._competitions],
        }
        if injected == "invalid-source":
            unknown["dataset"] = given["dataset"]
        kept = {
            f"{kind}DataSources": [s for s in given[kind] if s not in unknown[kind]]
            for kind in given
        }
        now = datetime.now(UTC).timestamp()
        saved = {**request, **kept, "injected": injected}
        version = self._store.add_kernel_version(slug, title, now, saved)
        self._begin(version)
        return {
            "ref": f"/code/{owner}/{slug}",
            "url": f"https://www.kaggle.com/code/{owner}/{slug}",
            "versionNumber": version.number,
            "kernelId": 1 + sum(map(ord, slug)),
            "invalidDatasetSources": unknown["dataset"],
            "invalidCompetitionSources": unknown["competition"],
        }

    def find(self, slug: str, number: int | None = None) -> KernelVersion:
        """Return a version, by default the latest, and see that it runs. Raise `Refusal`."""
        for version in self._store.kernel_versions(slug):
            if number in (None, version.number):
                self._begin(version)  # perhaps left behind by a killed server
                return version
        raise Refusal(403, "Permission 'kernels.get' was denied")

    def versions(self, slug: str) -> list[KernelVersion]:
        """Return all versions, the newest first."""
        return self._store.kernel_versions(slug)

    def output(self, version: KernelVersion) -> Path:
        """Return the folder of what a version wrote."""
        return self._store.kernel_folder(version.slug, version.number) / "output"

    def log(self, version: KernelVersion) -> str:
        """Return the log of a version's run, JSON as Kaggle gives it; empty before its end."""
        path = self._store.kernel_folder(version.slug, version.number) / "log.json"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def check_submission(
        self, slug: str, number: int | None, file_name: str, competition: Competition
    ) -> KernelVersion:
        """Return the version to be submitted. Raise `Refusal`, in Kaggle's words, if it can't."""
        found = [v for v in self.versions(slug) if v.number == number]
        if not found or found[0].status != "COMPLETE":
            raise Refusal(403, "Permission 'kernelSessions.get' was denied")
        version, settings = found[0], competition.settings
        if version.request.get("enableInternet") and not settings.kernel_internet:
            raise Refusal(400, "Your Notebook cannot use internet access in this competition")
        if settings.slug not in version.request["competitionDataSources"]:
            raise Refusal(400, "Your Notebook must include this competition as a data source")
        written = self.output(version) / file_name
        if not written.is_file():
            raise Refusal(400, f"Your Notebook did not output the file {file_name}")
        competition.check_size(written.stat().st_size)
        return version

    def rerun(self, rerun: Rerun, file_name: str, competition: Competition) -> Path:
        """Run a version again, on the competition's hidden data; return what it wrote.

        Where nothing is hidden, as from agents, that is what it wrote when it was pushed.

        Raises:
            BadSubmission: it failed, or wrote no such file.
            Interrupted: the server has ended.
        """
        slug, number = rerun
        version = next(v for v in self.versions(slug) if v.number == number)
        if not competition.hides_data:
            return self.output(version) / file_name
        folder = self._store.kernel_folder(slug, number) / "reruns" / competition.settings.slug
        evaluation = None
        if competition.settings.inference_server:
            evaluation = Evaluation(competition.folder / RERUN, competition.settings)
        limits = _limits(competition.settings)
        outcome = self._run(version, folder, limits, competition, evaluation)
        (folder.parent / f"{competition.settings.slug}.log.json").write_text(outcome.log, "utf-8")
        if self._closed.is_set():
            raise Interrupted
        if outcome.failure:
            raise BadSubmission(outcome.failure)
        if not (folder / file_name).is_file():
            raise BadSubmission("Submission CSV Not Found")
        return folder / file_name

    def close(self) -> None:
        """End what runs, and wait until its processes are gone."""
        self._closed.set()
        end = time.monotonic() + _CLOSE_SECONDS
        while self._sessions and time.monotonic() < end:
            time.sleep(0.02)

    # ------------------------------------------------------------------ running

    def _begin(self, version: KernelVersion) -> None:
        key = (version.slug, version.number)
        with self._lock:
            if version.status not in _OPEN or key in self._running or self._closed.is_set():
                return
            self._running.add(key)
        threading.Thread(target=self._finish, args=(version,), daemon=True).start()

    def _finish(self, version: KernelVersion) -> None:
        self._store.set_status(version, "RUNNING")
        try:
            outcome = self._run(version, self.output(version), self._limits)
        except Exception as error:  # nobody should wait for ever, whatever happened
            line = {"stream_name": "stderr", "time": 0.0, "data": f"{error}\n"}
            outcome = Outcome("Notebook Threw Exception", json.dumps([line]))
        if self._closed.is_set():
            return  # a later server runs it again
        folder = self._store.kernel_folder(version.slug, version.number)
        (folder / "log.json").write_text(outcome.log, encoding="utf-8")
        status = "ERROR" if outcome.failure else "COMPLETE"
        self._store.set_status(version, status, outcome.failure or None)

    def _run(
        self,
        version: KernelVersion,
        output: Path,
        limits: Limits,
        hidden: Competition | None = None,
        evaluation: Evaluation | None = None,
    ) -> Outcome:
        request = version.request
        injected = request["injected"]
        text = str(request.get("text") or "")
        if code := _INJECTED.get(injected):
            text = _with_cell(text, code)
        inputs = {} if injected == "empty-input" else self._inputs(request, hidden)
        session = object()
        self._sessions.add(session)
        try:
            return run(
                text,
                inputs,
                output,
                self._image,
                limits,
                internet=bool(request.get("enableInternet")) and hidden is None,
                rerun=hidden is not None,
                stopped=self._closed.is_set,
                evaluation=evaluation,
            )
        finally:
            self._sessions.discard(session)

    def _inputs(self, request: Json, hidden: Competition | None) -> dict[str, list[Path]]:
        """Return the folders that are attached, by their place below /kaggle/input."""
        found = {}
        for slug in request["competitionDataSources"]:
            competition = self._competitions[slug]
            folders = [competition.folder / "data"]
            # Rows that a gateway hands out are nowhere else.
            handed_out = competition.settings.inference_server
            if hidden is competition and (competition.folder / RERUN).is_dir() and not handed_out:
                folders.append(competition.folder / RERUN)
            found[f"competitions/{slug}" if self._nested_inputs else slug] = folders
        for source in request["datasetDataSources"]:
            owner, slug = source.split("/")[:2]
            version = self._datasets.find(slug)
            place = f"datasets/{owner}/{slug}" if self._nested_inputs else slug
            found[place] = [self._datasets.folder(slug, version.number)]
        return found

    def _knows_dataset(self, source: str) -> bool:
        try:
            return self._datasets.is_ready(self._datasets.find(source.split("/")[1]))
        except (Refusal, IndexError):
            return False


def _limits(settings: Settings) -> Limits:
    return Limits(settings.kernel_seconds, settings.kernel_memory_gb)


def _with_cell(text: str, code: str) -> str:
    """Put a cell before the others."""
    content = json.loads(text)
    cell = {"cell_type": "code", "source": code, "metadata": {}, "outputs": []}
    content["cells"] = [cell, *content["cells"]]
    return json.dumps(content)
