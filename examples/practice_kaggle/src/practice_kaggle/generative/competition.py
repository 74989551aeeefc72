"""A competition of generated images: a zip of them is submitted, and judged as a whole."""

import functools
import io
import zipfile
from pathlib import Path

import numpy as np

from ..competition import Competition
from ..db import Scores
from ..errors import BadSubmission, PracticeError
from ..metrics import Array
from ..settings import FILE_NAME
from .judge import Judge

JUDGE = "private/judge.npz"
_MOST_UNPACKED = 2**30  # bytes: a small archive may hold endless zeros
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
        return ImageScorer(self)

    def _baseline_files(self) -> dict[str, Path]:
        found = (self.folder / "private/baselines").glob("*.zip")
        return {path.stem.replace("-", " ").capitalize(): path for path in found}


class ImageScorer:
    """Reads and judges submissions.

    Args:
        competition: whose settings say what is asked for.
    """

    def __init__(self, competition: Images) -> None:
        self.asked = competition.settings
        self.judge = Judge.load(competition.folder / JUDGE)

    def score(self, path: Path) -> Scores:
        """Return the scores of a zip of images. Raise `BadSubmission` if it is not as asked."""
        score = self.judge.score(self.read(path))
        return Scores(score, score)

    def read(self, path: Path) -> Array:
        """Return the images of a zip: (n, height, width), with colour (n, height, width, 3)."""
        try:
            with zipfile.ZipFile(path) as archive:
                members = [member for member in archive.infolist() if not member.is_dir()]
                low, high = self.asked.images_min, self.asked.images_max
                if not low <= len(members) <= high:
                    raise BadSubmission(
                        f"Evaluation Exception: The zip holds {len(members)} files; "
                        f"{low} to {high} images are expected"
                    )
                if sum(member.file_size for member in members) > _MOST_UNPACKED:
                    raise BadSubmission("The archive is too large when it is unpacked")
                images = [self._image(m.filename, archive.read(m)) for m in members]
        except (zipfile.BadZipFile, EOFError):
            raise BadSubmission("ERROR: The submission could not be read as a zip file") from None
        return np.stack(images)

    def _image(self, name: str, content: bytes) -> Array:
        from PIL import Image

        asked = self.asked
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                found = (image.format, image.mode, image.size)
                pixels = np.asarray(image)
        except Exception as error:  # PIL's decoders raise whatever a damaged file leads them to
            raise BadSubmission(f"ERROR: {name} could not be read as an image: {error}") from None
        wanted = (asked.image_format, asked.image_mode, (asked.image_size, asked.image_size))
        if found != wanted:
            raise BadSubmission(
                f"ERROR: {name} is {_describe(*found)}; {_describe(*wanted)} is expected"
            )
        return pixels


def _describe(kind: str | None, mode: str, size: tuple[int, int]) -> str:
    return f"{kind} {mode} {size[0]}x{size[1]}"
