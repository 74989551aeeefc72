"""A competition of generated images: a zip of them is submitted, and judged as a whole."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from ..competition import Competition
from ..errors import PracticeError
from ..settings import FILE_NAME

if TYPE_CHECKING:
    from .scorer import ImageScorer

JUDGE = "private/judge.npz"
MODES, FORMATS = ("L", "RGB"), ("JPEG", "PNG")


class Images(Competition):
    """The competition of a practice folder that asks for images."""

    _needed = ("data", JUDGE)

    def _check_settings(self) -> None:
        super()._check_settings()
        asked, where = self.settings, self.folder / FILE_NAME
        if not 2 <= asked.images_min <= asked.images_max:
            raise PracticeError(f"{where}: images_min must be from 2 to images_max.")
        if asked.image_mode not in MODES or asked.image_format not in FORMATS:
            raise PracticeError(
                f"{where}: image_mode must be one of {', '.join(MODES)}, image_format one of "
                f"{', '.join(FORMATS)}."
            )

    @functools.cached_property
    def scorer(self) -> "ImageScorer":
        """What reads a submission and judges it."""
        from .scorer import ImageScorer  # NumPy and the judge: only when something is scored

        return ImageScorer(self.folder / JUDGE, self.settings)

    def _baseline_files(self) -> dict[str, Path]:
        found = (self.folder / "private/baselines").glob("*.zip")
        return {path.stem.replace("-", " ").capitalize(): path for path in found}
