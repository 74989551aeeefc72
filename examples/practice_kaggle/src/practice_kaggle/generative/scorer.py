"""Reads a zip of images and judges them, or refuses it."""

import io
import zipfile
from pathlib import Path

import numpy as np

from ..db import Scores
from ..errors import BadSubmission
from ..metrics import Array
from ..settings import Settings
from .competition import FORMATS
from .judge import Judge

_MOST_UNPACKED = 2**30  # bytes: a small archive may hold endless zeros


class ImageScorer:
    """Reads and judges submissions.

    Args:
        judge: the file of the judge.
        asked: what the images must be.
    """

    def __init__(self, judge: Path, asked: Settings) -> None:
        self.asked, self.judge = asked, Judge.load(judge)

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
