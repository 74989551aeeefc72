"""The gateway of a rerun: it alone has the hidden rows, and asks the notebook for predictions."""

import threading
from pathlib import Path

from ..settings import Settings

_CLOSE_SECONDS = 5.0
# What competitors are told; the gateway's details are for the host, in the log of the rerun.
_TOLD = {
    "SERVER_NEVER_STARTED": "Inference Server Never Started",
    "SERVER_CONNECTION_FAILED": "Inference Server Connection Failed",
    "SERVER_RAISED_EXCEPTION": "Inference Server Raised Exception",
    "SERVER_MISSING_ENDPOINT": "Inference Server Missing Endpoint",
    "GRPC_DEADLINE_EXCEEDED": "Inference Server Deadline Exceeded",
    "INVALID_SUBMISSION": "Invalid Submission",
    "GATEWAY_RAISED_EXCEPTION": "Gateway Raised Exception",
}


class Evaluation:
    """Asks for the predictions of hidden rows, in a thread of its own.

    Args:
        hidden: the folder of the hidden rows.
        settings: the competition's, with the limits of time.
    """

    def __init__(self, hidden: Path, settings: Settings) -> None:
        self._hidden, self._settings = hidden, settings
        self._alive = True
        self._thread: threading.Thread | None = None
        self.failure = ""
        self.details = ""

    def start(self, folder: Path, target: Path) -> dict[str, str]:
        """Begin to ask.

        Args:
            folder: of the run, for the socket on which the notebook will serve.
            target: where the submission is written.

        Returns:
            The environment variables by which the notebook's server knows that socket.
        """
        from ..kaggle_evaluation.core.relay import ADDRESS, socket_in  # imports polars

        address = socket_in(folder)
        self._thread = threading.Thread(target=self._run, args=(address, target), daemon=True)
        self._thread.start()
        return {ADDRESS: address}

    @property
    def is_over(self) -> bool:
        """Whether all was asked, or something failed."""
        return self._thread is not None and not self._thread.is_alive()

    def end(self) -> None:
        """Wait for what is still to be read, when the notebook has ended."""
        self._alive = False
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)

    def _run(self, address: str, target: Path) -> None:
        from ..kaggle_evaluation.core.relay import Client, GatewayError
        from ..kaggle_evaluation.practice_gateway import PracticeGateway

        settings = self._settings
        client = Client(
            address, settings.startup_seconds, settings.batch_seconds, lambda: self._alive
        )
        try:
            PracticeGateway(self._hidden, settings.batch_rows).run(client, target)
        except GatewayError as error:
            self.failure, self.details = _TOLD[error.kind], str(error)
        except Exception as error:  # nobody should wait for ever, whatever happened
            self.failure, self.details = _TOLD["GATEWAY_RAISED_EXCEPTION"], repr(error)
        finally:
            client.close()
