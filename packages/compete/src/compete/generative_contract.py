"""What an image generation competition asks for: `contract.yaml`, each value with its source."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from compete.contract import read_entries, write_entries
from compete.errors import Fault
from compete.files import CONTRACT

IMAGES_ZIP = Path("submissions/images.zip")


@dataclass(frozen=True)
class GenerativeContract:
    """What the submitted images must be; `sources` says where each value is from.

    Args:
        metric: by Kaggle's name; empty if it is not known.
        images: the folder or zip of the images to learn from.
        source_images: of image to image, that of the images to translate; empty if there is none.
        count_min: the fewest images that are taken.
        count_max: the most.
        width: of each of them, in pixels.
        height: in pixels.
        mode: Pillow's: `RGB` for colour, `L` for grey.
        format: Pillow's: `JPEG` or `PNG`.
        deadline: ISO 8601 in UTC, if Kaggle named one.
        kernels_only: whether Kaggle takes notebooks and no files.
    """

    slug: str
    title: str
    metric: str
    images: str
    source_images: str
    count_min: int
    count_max: int
    width: int
    height: int
    mode: str
    format: str
    deadline: str | None = None
    max_daily_submissions: int | None = None
    kernels_only: bool = False
    sources: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def translates(self) -> bool:
        """Whether there are images to translate."""
        return bool(self.source_images)

    @property
    def suffix(self) -> str:
        """Of the name of an image."""
        return ".jpg" if self.format == "JPEG" else ".png"

    def save(self, path: Path = CONTRACT) -> None:
        """Write `contract.yaml`: every value with its source."""
        values = asdict(self)
        write_entries(values, values.pop("sources"), path)

    @classmethod
    def load(cls, path: Path = CONTRACT) -> "GenerativeContract":
        """Read `contract.yaml`. Raise `Fault` if it is missing or not what `save` wrote."""
        entries = read_entries(path)
        try:
            values = {key: entry["value"] for key, entry in entries.items()}
            return cls(**values, sources={key: entry["source"] for key, entry in entries.items()})
        except (TypeError, KeyError):
            raise Fault(
                f"{path} is damaged or was edited.", "Run `compete prepare` again."
            ) from None
