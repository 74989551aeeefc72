"""The records of a generative project, which one command leaves for another."""

from dataclasses import dataclass, field
from pathlib import Path

from compete.errors import Fault
from compete.files import PREDICTIONS, PROCESSED, RUNS, SCORES, write_json
from compete.records import Record

PREPARED = PROCESSED
NAMES = PREPARED / "names.json"
"""The files behind the images and the sources, in their order."""
IMAGES = PREPARED / "images.npy"
"""The training images: uint8, (images, channels, height, width), 1 or 3 channels."""
SOURCES = PREPARED / "sources.npy"
"""Of image to image, those to translate, in the same shape."""
MEASUREMENT = PREDICTIONS / "measurement.json"
CURVE = PREDICTIONS / "curve.json"
SHOWN = PREDICTIONS / "shown"
"""Pictures for the report, in WebP."""


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
        images: different training images.
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
        """Return the folder of a member's run."""
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
    """The result of `compete prepare` for the images: `prepared.json`.

    Args:
        digest: fingerprint of all their pixels.
        images: to learn from.
        source_images: to translate.
        image_size: pixels of a side.
        channels: 1 for grey images, 3 for colour.
        duplicates: training images whose pixels equal another one's.
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


@dataclass(frozen=True)
class Copy(Record):
    """A submitted image that is a copy of a training image.

    Args:
        image: its name in the zip.
        of: the file that it is a copy of, in the folder of the training images.
        difference: the root mean square difference of the pixels, from 0 to 1.
    """

    image: str
    of: str
    difference: float


@dataclass(frozen=True)
class Measurement(Record):
    """The submission and its distance from the training images: `measurement.json`.

    Args:
        member: whose generator made it.
        file: the submission.
        sha256: of it.
        bytes: of it.
        count: images in it.
        truncation: they were made by.
        extractor: the network whose features are compared.
        names: of the distances, such as `FID-lite0` for `fid`.
        fid: the Fréchet distance.
        kid: the kernel distance.
        mifid: `fid`, divided where images are memorised.
        made: images of the submission that are compared.
        real: training images that they are compared with.
        copies: those that were found.
    """

    member: str
    file: str
    sha256: str
    bytes: int
    count: int
    truncation: float
    extractor: str
    names: dict[str, str]
    fid: float
    kid: float
    mifid: float
    made: int
    real: int
    copies: list[Copy] = field(default_factory=list)

    @classmethod
    def load(cls) -> "Measurement | None":
        """Read the measurement, None before anything was predicted."""
        return cls.read(MEASUREMENT)

    def save(self) -> None:
        """Write the record, and its numbers to `reports/metrics.json`."""
        self.write(MEASUREMENT)
        scores = {"fid": self.fid, "kid": self.kid, "mifid": self.mifid}
        write_json(SCORES, scores | {"copies": len(self.copies)})


@dataclass(frozen=True)
class Shown(Record):
    """The pictures of the report: `shown.json`, beside them.

    Args:
        grids: the name of each file of samples, with what is special about them.
        side: pixels of a frame of the animation; 0: there is none.
        frames: of the animation, which lie one below the other in `interpolation.webp`; a few of
            them are in `still.webp`.
        paths: samples side by side in a frame.
        nearest: samples that lie above the images nearest to them in `nearest.webp`, each as in
            `Measurement.copies`.
    """

    grids: dict[str, str] = field(default_factory=dict)
    side: int = 0
    frames: int = 0
    paths: int = 0
    nearest: list[Copy] = field(default_factory=list)

    @classmethod
    def load(cls) -> "Shown | None":
        """Read the record, None before anything was predicted."""
        return cls.read(SHOWN / "shown.json")


@dataclass(frozen=True)
class DistanceCurve(Record):
    """The Fréchet distance of the snapshots during training: `curve.json`.

    Args:
        key: of the real images and of the extractor.
        images: that each generator made for it.
        members: of each, thousands of images after which (as text), with the distance.
        digests: the same with the fingerprint of the weights that were measured.
    """

    key: str
    images: int
    members: dict[str, dict[str, float]] = field(default_factory=dict)
    digests: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "DistanceCurve | None":
        """Read the curve, None before anything was predicted."""
        return cls.read(CURVE)

    def points(self, member: str) -> list[tuple[float, float]]:
        """Return kimg and distance of a member, in the order of training."""
        return sorted((float(kimg), value) for kimg, value in self.members.get(member, {}).items())
