"""The inference server, which a notebook starts with its function `predict`."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .core import relay
from .practice_gateway import SUBMISSION, PracticeGateway


class PracticeInferenceServer:
    """Answers the gateway with the functions that it is given.

    Args:
        endpoints: `predict(sample, test)`, which returns the table of the sample submission with
            predictions for the rows of `test`.
    """

    def __init__(self, *endpoints: Callable[..., Any]) -> None:
        self.server = relay.Server(*endpoints)

    def serve(self) -> None:
        """In the rerun of a submission, answer the gateway to its end."""
        address = os.environ.get(relay.ADDRESS)
        if address is None:
            raise RuntimeError("serve() is for reruns; without one, call run_local_gateway().")
        self.server.start(address)
        self.server.wait_for_termination()

    def run_local_gateway(self, data_paths: tuple[str, ...] | None = None) -> None:
        """Write `submission.parquet`, with the predictions of the test rows that all can see.

        Args:
            data_paths: the folder of the competition's data; by default the one of this package.
        """
        folder = Path(data_paths[0] if data_paths else Path(__file__).parent.parent)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
            address = relay.socket_in(Path(own))
            self.server.start(address)
            client = relay.Client(address)
            try:
                PracticeGateway(folder).run(client, Path(SUBMISSION))
            finally:
                client.close()  # upon which the server ends
