"""Competitions that ask for predictions batch by batch: their server, and a stand-in gateway."""

import ast
import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Client, Connection
from pathlib import Path

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.kernels.hidden_data import HiddenTest
from compete.table_files import read_table

PACKAGE = "kaggle_evaluation"
START_SECONDS = 900.0
"""Within which Kaggle wants the server to be started."""

ADDRESS = "COMPETE_KAGGLE_GATEWAY"
_STAND_IN = Path(__file__).parent / "sandbox" / "evaluation.py"
_BATCHES = 3  # of a rehearsal


@dataclass(frozen=True)
class Server:
    """The inference server of a competition: its module in `kaggle_evaluation`, and its class."""

    module: str
    name: str


def find_server(data: Path) -> Server | None:
    """Return the inference server that lies in a competition's data, None where there is none."""
    for path in sorted(data.glob(f"{PACKAGE}/**/*inference_server.py")):
        inside = path.relative_to(data / PACKAGE)
        if inside.parts[0] == "core":  # what all competitions share
            continue
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.ClassDef) and node.name.endswith("InferenceServer"):
                return Server(".".join(inside.with_suffix("").parts), node.name)
    return None


def stand_in(data: Path, server: Server) -> None:
    """Put a server in place of the competition's, which needs gRPC and a gateway of Kaggle's.

    Args:
        data: a folder of the competition's data that is our own.
        server: whose names it gets.
    """
    package = data / PACKAGE
    shutil.rmtree(package)
    place = package.joinpath(*server.module.split(".")).with_suffix(".py")
    place.parent.mkdir(parents=True)
    text = _STAND_IN.read_text(encoding="utf-8")
    place.write_text(text.replace("StandInServer", server.name), encoding="utf-8")


def socket_in(folder: Path) -> str:
    """Return the address of a socket of this machine, for a rehearsal in this folder."""
    return rf"\\.\pipe\{folder.name}" if os.name == "nt" else str(folder / "socket")


@dataclass
class Gateway:
    """Asks a server for the predictions of a hidden test set, and writes the submission.

    Args:
        address: of the server's socket.
        contract: what the competition asks for.
        test: the hidden test set.
        submission: where to write.
    """

    address: str
    contract: Contract
    test: HiddenTest
    submission: Path
    fault: Fault | None = None
    start_seconds: float = 0.0
    batch_seconds: float = 0.0
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Wait for the server in a thread of its own, and ask it."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait until all is written, or the server is gone."""
        if self._thread is not None:
            self._thread.join(10)

    def _run(self) -> None:
        begin = time.monotonic()
        while (connection := self._connect()) is None:
            if time.monotonic() - begin > START_SECONDS:
                self.fault = Fault(
                    f"The inference server was not started in {START_SECONDS / 60:.0f} minutes.",
                    "Load models when the first batch comes, not before `serve()`.",
                )
                return
            time.sleep(0.1)
        self.start_seconds = time.monotonic() - begin
        try:
            with connection:
                parts = []
                for batch in self._batches():
                    asked = time.monotonic()
                    parts.append(self._ask(connection, *batch))
                    if len(parts) > 1:  # the first one may take as long as it wants
                        self.batch_seconds = max(self.batch_seconds, time.monotonic() - asked)
                connection.send(None)
            # As Kaggle's gateways do it: one batch may have whole numbers only.
            pl.concat(parts, how="vertical_relaxed").write_csv(self.submission)
        except (EOFError, OSError):
            return  # the notebook tells why it ended
        except Fault as fault:
            self.fault = fault
        except pl.exceptions.PolarsError as error:
            self.fault = Fault(
                f"The batches' predictions make no table: {str(error).splitlines()[0]}.",
                "Return the same columns for each batch.",
            )

    def _connect(self) -> Connection | None:
        try:
            return Client(self.address)
        except OSError:
            return None

    def _batches(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Yield the test rows and the sample submission, a part at a time."""
        uses = self.contract.tables.items()
        test = next((path for path, use in uses if use.startswith("the rows to predict")), None)
        if test is None:
            raise Fault(
                "The test rows lie in no table, of which batches could be made here.",
                "Rehearse with the competition's own local gateway.",
            )
        rows = read_table(self.test.folder / Path(test).relative_to("data/raw"))
        sample = read_table(self.test.sample)
        size = -(-rows.height // _BATCHES)
        for start in range(0, rows.height, size):
            yield rows.slice(start, size), sample.slice(start, size)

    def _ask(
        self, connection: Connection, rows: pl.DataFrame, sample: pl.DataFrame
    ) -> pl.DataFrame:
        connection.send([table.write_ipc(None).getvalue() for table in (rows, sample)])
        found = pl.read_ipc(connection.recv())
        if found.height != rows.height:
            raise Fault(
                f"A batch of {rows.height} rows got {found.height} predictions.",
                "Return a row for each row of the batch from `predict`.",
            )
        return found
