"""Failures on demand: which request fails next, and how."""

import re
import threading
from dataclasses import dataclass

from .errors import PracticeError

FAIL_PATH = "/practice/fail"  # where a running server is told to fail: one text a line

MODES = {
    "drop": "close the connection after N bytes of the body (default 0: before the answer)",
    "freeze": "fall silent for ever after N bytes of the body",
    "stall": "say nothing for N seconds (default: for ever), then go on",
    "lose-answer": "do what was asked, then close the connection instead of answering",
    "html": "answer 200 with an HTML page, as a captive portal does",
    "STATUS": "answer with that HTTP status (400-599); for 429, N is the Retry-After in seconds",
}
_NAMES = {"disconnect-after-accept": "lose-answer"}
_PATTERN = re.compile(
    r"(?P<method>[\w*]+)=(?P<mode>[\w-]+)(?:@(?P<amount>\d+(?:\.\d+)?))?(?::(?P<times>\d+))?"
)


@dataclass
class Fault:
    """`mode` befalls the next `times` calls of `method` (None: all; "*": any method).

    Methods are those of the API, plus `Download` (GET of a file) and `Upload` (PUT of a file).
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
        known = self.mode in MODES and self.mode != "STATUS"
        if not known and not re.fullmatch("[45][0-9][0-9]", self.mode):
            raise PracticeError(
                f"No way to fail is called {self.mode!r}. Use one of: {', '.join(MODES)}."
            )


def parse_fault(text: str) -> Fault:
    """METHOD=MODE[@N][:TIMES], for example Download=drop@5000:2; TIMES 0 means always."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise PracticeError(
            f"{text!r} is not METHOD=MODE[@N][:TIMES], such as Download=drop@5000:2."
        )
    amount, times = match["amount"], int(match["times"] or 1)
    return Fault(match["method"], match["mode"], float(amount) if amount else None, times or None)


class Faults:
    """The failures still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The failure that befalls this call of `method`, if any; it is used up by that."""
        with self._lock:
            for fault in self._waiting:
                if fault.method in (method, "*"):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times == 0:
                            self._waiting.remove(fault)
                    return fault
        return None
