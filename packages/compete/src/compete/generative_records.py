"""The records of a generative project, which one command leaves for another."""

from dataclasses import dataclass, field
from pathlib import Path

from compete.errors import Fault
from compete.files import PROCESSED, RUNS
from compete.records import Record

PREPARED = PROCESSED
NAMES = PREPARED / "names.json"
"""The files behind the images and the sources, in their order."""
IMAGES = PREPARED / "images.npy"
"""The images to learn from: uint8, (images, channels, height, width), 1 or 3 channels."""
SOURCES = PREPARED / "sources.npy"
"""Of image to image, those to translate, in the same shape."""


@dataclass(frozen=True)
class GanRun(Record):
    """The training of one member: `runs/<member>/gan.json`.

    Beside it lie `generator.safetensors` (the averaged weights), `config.yaml` (its settings) and
    `metrics.csv`, a line for every `checkpoint_kimg`: `kimg`, `loss_g`, `loss_d`, `p` (the
    probability of augmentation), `sign` (the mean sign of the discriminator on real images),
    `images_per_second` and `seconds`.

    Args:
        fingerprint: of all that decides the result; another one means to train again.
        finished: whether a generator was kept; else only the checkpoint is there.
        kind: `generate` from noise, or `translate` from other images.
        image_size: pixels of a side.
        channels: 1 for grey images, 3 for colour.
        backbone: of the networks.
        augment: `ada`, `diffaugment` or `none`.
        seed: of all randomness.
        kimg: thousands of real images that the discriminator has seen.
        images: different images to learn from.
        p: the probability of augmentation at the end.
        sign: the mean sign of the discriminator on real images at the end.
        parameters: of the generator.
        discriminator_parameters: of the discriminator.
        images_per_second: real images that the training took in a second, of its last run.
        seconds: of training, over all the runs that it took.
        device: `cpu`, `cuda` or `mps`.
        devices: how many trained together.
        hardware: as a person would call it.
        precision: as Lightning calls it.
        versions: of the packages that trained.
    """

    fingerprint: str
    member: str = ""
    finished: bool = False
    kind: str = "generate"
    image_size: int = 0
    channels: int = 0
    backbone: str = ""
    augment: str = ""
    seed: int = 0
    kimg: float = 0.0
    images: int = 0
    p: float = 0.0
    sign: float = 0.0
    parameters: int = 0
    discriminator_parameters: int = 0
    images_per_second: float = 0.0
    seconds: float = 0.0
    device: str = "cpu"
    devices: int = 1
    hardware: str = ""
    precision: str = "32-true"
    versions: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def folder(member: str) -> Path:
        """Return where a member's run lies."""
        return RUNS / member

    @classmethod
    def load(cls, member: str) -> "GanRun | None":
        """Read the record of a member, None if its training never began."""
        return cls.read(cls.folder(member) / "gan.json")

    def save(self) -> None:
        """Write the record into the run's folder."""
        self.write(self.folder(self.member) / "gan.json")


@dataclass(frozen=True)
class PreparedImages(Record):
    """What `compete prepare` made of the images: `prepared.json`.

    Args:
        digest: fingerprint of all their pixels.
        images: to learn from.
        source_images: to translate.
        image_size: pixels of a side.
        channels: 1 for grey images, 3 for colour.
        duplicates: images to learn from whose pixels equal another one's.
        counts: how many were left out or changed, by reason.
    """

    digest: str
    images: int
    source_images: int
    image_size: int
    channels: int
    duplicates: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "PreparedImages":
        """Read what `prepare` wrote. Raise `Fault` if it has not run."""
        found = cls.read(PREPARED / "prepared.json")
        if found is None:
            raise Fault(f"{PREPARED} is not there yet.", "Run `compete prepare` first.")
        return found

    def save(self) -> None:
        """Write the record beside the images."""
        self.write(PREPARED / "prepared.json")
