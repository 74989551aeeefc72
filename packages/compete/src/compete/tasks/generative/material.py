"""What `compete predict` makes and compares images with, whichever member makes them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.errors import Fault
from compete.files import PREDICTIONS, atomic_path, digest, file_digest, note
from compete.generative_contract import GenerativeContract
from compete.generative_records import IMAGES, SOURCES, GanRun, PreparedImages
from compete.processed import read_array, readable
from compete.tasks.generative.extractor import Extractor
from compete.tasks.generative.generator import Generator, load_generator
from compete.tasks.generative.prepare import load_names
from compete.tasks.generative.settings import GenerativeSettings
from compete.training.config import Config

Images = NDArray[np.uint8]
Make = Callable[[int, int], Images]
_FEATURES = PREDICTIONS / "real_features.npz"


@dataclass
class Material:
    """The images that are there, and how new ones are made and described.

    Args:
        config: params.yaml.
        contract: what the competition asks for.
        prepared: what was made of its images.
    """

    config: Config[GenerativeSettings]
    contract: GenerativeContract
    prepared: PreparedImages

    @cached_property
    def images(self) -> Images:
        """Those to learn from."""
        images: Images = read_array(IMAGES)
        return images

    @cached_property
    def sources(self) -> Images | None:
        """Those to translate, if there are any."""
        return read_array(SOURCES) if self.contract.translates else None

    @cached_property
    def names(self) -> list[str]:
        """The files of the training images."""
        return load_names()

    @cached_property
    def device(self) -> str:
        """Where networks run."""
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return accelerator.type if accelerator else "cpu"

    @cached_property
    def extractor(self) -> Extractor:
        """What describes images by features."""
        data = self.config.data
        return Extractor(data.extractor, data.extractor_weights, data.image_size, self.device)

    @cached_property
    def key(self) -> str:
        """The fingerprint of the real images that are compared, and of the features."""
        data = self.config.data
        parts = (data.extractor, data.extractor_weights, data.distance_images)
        return digest([self.prepared.digest, str(parts)])

    @cached_property
    def real(self) -> Tensor:
        """The features of training images, kept from an earlier run if they are."""
        if _FEATURES.exists():
            with suppress(Fault), readable(_FEATURES), np.load(_FEATURES) as kept:
                if str(kept["key"]) == self.key:
                    return torch.from_numpy(kept["features"])
        count = min(self.config.data.distance_images, len(self.images))
        chosen = np.linspace(0, len(self.images) - 1, count).round().astype(int)
        note(f"Features of {count:,} training images, by {self.config.data.extractor} ...")
        features = self.extractor.features(self.images[chosen])
        with atomic_path(_FEATURES) as beside, beside.open("wb") as file:
            np.savez(file, key=np.array(self.key), features=features.numpy())
        return features

    @property
    def count(self) -> int:
        """How many images are submitted.

        Raises:
            Fault: the competition does not take so many.
        """
        contract, there = self.contract, self.prepared.source_images
        given = self.config.data.submission_count
        auto = min(there, contract.count_max) if contract.translates else contract.count_min
        count = auto if given == "auto" else int(given)
        if contract.translates and count > there:
            raise Fault(
                f"{count:,} images are requested, but there are only {there:,} to translate.",
                "Set `submission_count: auto` under `data` in params.yaml.",
            )
        if not contract.count_min <= count <= contract.count_max:
            raise Fault(
                f"The competition accepts {contract.count_min:,} to {contract.count_max:,} images, "
                f"not {count:,}.",
                "Fix `submission_count`, or `submission_min` and `submission_max`, under "
                "`data` in params.yaml.",
            )
        return count

    def load(self, run: GanRun, weights: str = "generator.safetensors") -> Generator:
        """Return a member's generator.

        Args:
            run: its training.
            weights: a file in the folder of the run.

        Raises:
            Fault: it translates and there is nothing to translate, or the other way round.
        """
        generator = load_generator(GanRun.folder(run.member), self.device, weights=weights)
        if generator.translates and not self.contract.translates:
            raise Fault(
                "The generator translates images, but there are none to translate.",
                "Set `source_images:` under `data` in params.yaml, and run "
                "`compete prepare` again.",
            )
        if self.contract.translates and not generator.translates:
            raise Fault(
                "There are images to translate, but the generator samples from noise.",
                "Derive `Model` in model.py from `TranslationModule`; or set `source_images: null` "
                "under `data` in params.yaml and run `compete prepare` again.",
            )
        return generator

    def make(self, generator: Generator) -> Make:
        """Return what makes images by their numbers: `make(start, count)`."""
        seed, truncation = self.config.seed_everything, self.config.data.truncation
        sources = self.sources
        if sources is not None:
            return lambda start, count: generator.translate(
                np.array(sources[start : start + count])
            )
        return lambda start, count: generator.sample(count, seed, truncation, start)

    def image_key(self, run: GanRun) -> str:
        """Return the fingerprint of what decides how the submitted images look."""
        asked = self.contract
        return digest(
            [
                file_digest(GanRun.folder(run.member) / "generator.safetensors"),
                str((self.config.seed_everything, self.config.data.truncation)),
                str((asked.width, asked.height, asked.mode, asked.format)),
                self.prepared.digest if self.sources is not None else "",
            ]
        )
