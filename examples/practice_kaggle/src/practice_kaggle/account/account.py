"""The datasets and notebooks of the practice account, and what its server runs them with."""

from dataclasses import dataclass
from pathlib import Path

from ..competition import Competition
from ..failure_injection import Failures
from .datasets import Datasets
from .image import Image
from .kernels import Kernels
from .store import Store


@dataclass(frozen=True)
class HostOptions:
    """How this server stores datasets and runs notebooks.

    Args:
        image: the Python that runs notebooks, as Kaggle's image does; None: the server's own.
        nested_inputs: inputs lie in `competitions/<slug>` and `datasets/<owner>/<slug>`, as in
            Kaggle's newer layout; else in `<slug>`.
        keep_archives: an uploaded `x.zip` stays a file; else it becomes the folder `x`.
        processing_seconds: from the upload of a dataset until it is ready.
        session_seconds: after which a notebook that was pushed is ended.
    """

    image: Path | None = None
    nested_inputs: bool = False
    keep_archives: bool = False
    processing_seconds: float = 0.2
    session_seconds: float = 12 * 3600.0


class Account:
    """What belongs to the practice account, kept in a folder.

    Args:
        folder: where it is kept.
        competitions: those of the site, by slug.
        options: of this server.
        failures: those that are injected.
    """

    def __init__(
        self,
        folder: Path,
        competitions: dict[str, Competition],
        options: HostOptions,
        failures: Failures,
    ) -> None:
        self.store = Store(folder)
        self.datasets = Datasets(
            self.store, failures, options.keep_archives, options.processing_seconds
        )
        self.kernels = Kernels(
            self.store,
            self.datasets,
            competitions,
            failures,
            Image(options.image),
            nested_inputs=options.nested_inputs,
            session_seconds=options.session_seconds,
        )

    def close(self) -> None:
        """End the notebooks that run; a later server begins them again."""
        self.kernels.close()
