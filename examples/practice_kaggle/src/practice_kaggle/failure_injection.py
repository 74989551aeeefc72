"""Failures on demand: which request fails next, and how."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .errors import PracticeError

FAIL_PATH = "/practice/fail"  # where a running server takes failures: one text per line

MODES = {
    "drop": "close the connection after N bytes of the body (default 0: before the response)",
    "freeze": "send nothing more after N bytes of the body",
    "stall": "wait N seconds (default: for ever), then go on",
    "lose-response": "carry out the request, then close the connection instead of responding",
    "html": "respond 200 with an HTML page, as a captive portal does",
    "STATUS": "respond with that HTTP status (400-599); for 429, N is the Retry-After in seconds",
}
# What goes wrong inside of a method, whose response says nothing of it or says it in its own way.
INNER_MODES = {
    "lose-file": "CreateDataset, CreateDatasetVersion: the dataset lacks its last file",
    "invalid-source": "SaveKernel: the attached datasets are named as not known, and left out",
    "quota": "SaveKernel: the weekly quota is used up",
    "fail-run": "SaveKernel: the notebook raises when it runs",
    "stick": "SaveKernel: the notebook runs and does not end",
    "empty-input": "SaveKernel: the notebook runs without its inputs",
}
# Earlier names, which scripts may still use.
_NAMES = {"disconnect-after-accept": "lose-response", "lose-answer": "lose-response"}
_PATTERN = re.compile(
    r"(?P<method>[\w*]+)=(?P<mode>[\w-]+)(?:@(?P<amount>\d+(?:\.\d+)?))?(?::(?P<times>\d+))?"
)


@dataclass
class Failure:
    """A failure that the next calls of a method meet.

    Args:
        method: one of the API's, `Download` (GET of a file), `Upload` (PUT of a file), or `*`.
        mode: one of `MODES`, or an HTTP status.
        amount: bytes or seconds, depending on the mode.
        times: how many calls fail; None: all.

    Raises:
        PracticeError: there is no such mode.
    """

    method: str
    mode: str
    amount: float | None = None
    times: int | None = 1

    def __post_init__(self) -> None:
        self.mode = _NAMES.get(self.mode, self.mode)
        if self.mode == "put-fail":
            self.method, self.mode = "Upload", "403"
        if self.mode in ("drop", "freeze") and self.method.startswith("DownloadDataFile"):
            self.method = "Download"  # the method only redirects: the body comes after that
        known = self.mode in {**MODES, **INNER_MODES} and self.mode != "STATUS"
        if not known and not re.fullmatch("[45][0-9][0-9]", self.mode):
            raise PracticeError(
                f"There is no failure mode {self.mode!r}. Use one of: "
                f"{', '.join([*MODES, *INNER_MODES])}."
            )


def parse_failure(text: str) -> Failure:
    """Parse METHOD=MODE[@N][:TIMES], such as Download=drop@5000:2; TIMES 0 means always.

    Raises:
        PracticeError: the text has another form, or names no mode.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise PracticeError(
            f"{text!r} is not METHOD=MODE[@N][:TIMES], such as Download=drop@5000:2."
        )
    amount, times = match["amount"], int(match["times"] or 1)
    return Failure(match["method"], match["mode"], float(amount) if amount else None, times or None)


class Failures:
    """The failures still to come, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[Failure] = []
        self._lock = threading.Lock()

    def add(self, failure: Failure) -> None:
        """Add a failure after those that are waiting."""
        with self._lock:
            self._waiting.append(failure)

    def clear(self) -> None:
        """Cancel all failures that are waiting."""
        with self._lock:
            self._waiting.clear()

    def take(self, method: str) -> Failure | None:
        """Return the failure that this call of `method` meets, if any, and count it as used."""
        return self._take(method, lambda mode: mode not in INNER_MODES)

    def take_inner(self, method: str) -> str:
        """Return how this call of `method` goes wrong inside, empty if it does not; count it."""
        failure = self._take(method, lambda mode: mode in INNER_MODES)
        return failure.mode if failure else ""

    def _take(self, method: str, fits: Callable[[str], bool]) -> Failure | None:
        with self._lock:
            for failure in self._waiting:
                if failure.method in (method, "*") and fits(failure.mode):
                    if failure.times is not None:
                        failure.times -= 1
                        if failure.times == 0:
                            self._waiting.remove(failure)
                    return failure
        return None
