"""A trained generator: images by seed and number, the same ones however they are divided up."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor

from compete.errors import Fault, first_line
from compete.files import read_yaml
from compete.project import author
from compete.tasks.generative.module import GanModule

Images = NDArray[np.uint8]


class Generator:
    """Makes images with the averaged weights of a training.

    Attributes:
        translates: whether it translates images; else it makes them of noise.
        image_size: pixels of a side.
        channels: 1 for grey images, 3 for colour.

    Args:
        module: with its weights loaded.
        batch_size: images that are made at once.
    """

    def __init__(self, module: GanModule, batch_size: int = 32) -> None:
        self.module, self.batch_size = module.eval().requires_grad_(False), batch_size
        self.translates = module.translates
        self.image_size, self.channels = module.images.size, module.images.channels

    def sample(self, count: int, seed: int, truncation: float = 1.0, start: int = 0) -> Images:
        """Return new images.

        Args:
            count: how many.
            seed: image number i depends on `seed + i` alone, whatever else is made with it.
            truncation: how far from the mean style: 1 is as trained; towards 0 images become more
                typical and more alike (Karras et al., arXiv 1812.04948, appendix B).
            start: the number of the first one, to go on from there.

        Returns:
            uint8, (count, channels, size, size).

        Raises:
            Fault: this generator translates.
        """
        if self.translates:
            raise Fault(
                "This generator translates images and can't sample from noise.",
                "Call its `translate`, or train with a `Model` that derives from `GanModule`.",
            )
        parts = self._parts(range(start, start + count), seed)
        return self._join(self.module.sample(z, truncation)[asked] for z, asked in parts)

    def latents(self, count: int, seed: int, start: int = 0) -> Tensor:
        """Return the latent vectors `(count, latent)` of those images, such as to interpolate."""
        return torch.stack(
            [self.module.latent_of(seed + number) for number in range(start, start + count)]
        )

    def decode(self, latents: Tensor, truncation: float = 1.0) -> Images:
        """Return the images of latent vectors `(n, latent)`, as `sample` would make them."""
        parts = torch.split(latents, self.batch_size)
        return self._join(self.module.sample(z, truncation) for z in parts)

    def translate(self, images: Images) -> Images:
        """Return images `(n, channels, size, size)`, uint8, translated, in the same shape.

        Raises:
            Fault: this generator makes images of noise, or the shape is another one.
        """
        shape = (self.channels, self.image_size, self.image_size)
        if not self.translates:
            raise Fault(
                "This generator samples from noise and can't translate images.",
                "Call its `sample`, or train with a `Model` that derives from `TranslationModule`.",
            )
        if images.ndim != 4 or images.shape[1:] != shape or images.dtype != np.uint8:
            raise Fault(
                f"Images of the shape {images.shape[1:]}, {images.dtype}, can't be translated.",
                f"Give bytes of the shape (n, {', '.join(map(str, shape))}).",
            )
        parts = torch.split(torch.from_numpy(np.ascontiguousarray(images)), self.batch_size)
        return self._join(self.module.translate(part) for part in parts)

    def _parts(self, numbers: range, seed: int) -> Iterator[tuple[Tensor, slice]]:
        """Yield latents of whole batches, and which images of each are asked for.

        An image is always made in the same place of the same batch: a library's routine may round
        otherwise in a batch of another size.
        """
        size = self.batch_size
        for first in range(numbers.start - numbers.start % size, numbers.stop, size):
            latents = [self.module.latent_of(seed + first + place) for place in range(size)]
            asked = slice(max(0, numbers.start - first), min(size, numbers.stop - first))
            yield torch.stack(latents), asked

    def _join(self, parts: Iterator[Tensor]) -> Images:
        shape = (0, self.channels, self.image_size, self.image_size)
        made = [part.cpu().numpy() for part in parts]
        joined: Images = np.concatenate([np.zeros(shape, np.uint8), *made])
        return joined


def load_generator(
    folder: Path,
    device: str = "cpu",
    batch_size: int = 32,
    weights: str = "generator.safetensors",
) -> Generator:
    """Load what `compete train` kept in `runs/<member>`.

    Args:
        folder: of the run, with `generator.safetensors` and `config.yaml`.
        device: on which images are made.
        batch_size: images that are made at once.
        weights: a file of the folder; `snapshots/00012000.safetensors` holds the averaged weights
            after 12,000 images, `snapshots/00000000.safetensors` those before training.

    Raises:
        Fault: the files are missing, or are not of the author's present `Model`.
    """
    path = folder / weights
    if not path.exists():
        raise Fault(f"{path} is not there yet.", "Run `compete train` first.")
    kept = read_yaml(folder / "config.yaml")
    try:
        module: GanModule = author("model", "Model").from_kept(kept)
        module.averaged.load_state_dict(load_file(path))
    except (RuntimeError, TypeError, ValueError, KeyError) as error:
        raise Fault(
            f"{path} does not fit the current `Model`: {first_line(error).rstrip('.')}.",
            "Run `compete train` again, or undo the change in model.py.",
        ) from None
    return Generator(module.to(device), batch_size)
