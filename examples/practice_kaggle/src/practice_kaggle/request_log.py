"""The log of requests, for tests and for people."""

import json
import threading
from pathlib import Path

from .serialization import Json


class RequestLog:
    """Every request of this server, also appended to a file of JSON lines. No credentials.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.entries: list[Json] = []

    def add(self, entry: Json) -> None:
        """Append an entry to the list and to the file."""
        with self._lock:
            self.entries.append(entry)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
