"""The prepared images as batches, in an order that seed and batch decide."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from compete.errors import Fault, first_line
from compete.generative_records import IMAGES, SOURCES
from compete.tasks.generative.recipe import ImageFacts
from compete.tasks.generative.settings import GenerativeSettings

Images = NDArray[np.uint8]


class ImageBatches(Dataset[dict[str, Tensor]]):
    """Images of a memory-mapped array, a whole batch at once; asked for by the number of the batch.

    The images are a stream: all of them in an order of chance, then all in another, and so on. Of
    fewer images than a batch has, some are in it more than once.

    Args:
        arrays: `images`, and of image to image `sources`: uint8, `(n, channels, size, size)`.
        batch_size: over all processes together; each takes every `ranks`-th image.
        x_flip: whether half of the images are mirrored.
        seed: of the order.
        rank: of this process.
        ranks: how many processes train together.
    """

    def __init__(
        self,
        arrays: dict[str, Images],
        batch_size: int,
        x_flip: bool,
        seed: int,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        self.arrays, self.batch_size, self.x_flip = arrays, batch_size, x_flip
        self.seed, self.rank, self.ranks = seed, rank, ranks
        self.orders: dict[str, tuple[int, NDArray[np.int64]]] = {}

    def order(self, name: str, turn: int) -> NDArray[np.int64]:
        """Return the order of an array's images when they are shown for the `turn`-th time."""
        known = self.orders.get(name)
        if known is None or known[0] != turn:
            stream = sorted(self.arrays).index(name)
            chance = np.random.default_rng((self.seed, stream, turn))
            self.orders[name] = known = turn, chance.permutation(len(self.arrays[name]))
        return known[1]

    def rows(self, name: str, batch: int) -> NDArray[np.int64]:
        """Return the rows of an array that are in a batch, of all processes together."""
        count = len(self.arrays[name])
        places = np.arange(batch * self.batch_size, (batch + 1) * self.batch_size)
        turns = places // count
        return np.concatenate(
            [self.order(name, turn)[places[turns == turn] % count] for turn in np.unique(turns)]
        )

    def __getitem__(self, batch: int) -> dict[str, Tensor]:
        """Return this process's part of a batch of each array: uint8 `(n, c, size, size)`."""
        found = {}
        for stream, name in enumerate(sorted(self.arrays)):
            images = self.arrays[name][self.rows(name, batch)[self.rank :: self.ranks]]
            if self.x_flip:
                chance = np.random.default_rng((self.seed, stream, batch, 1))
                flipped = chance.random(self.batch_size)[self.rank :: self.ranks] < 0.5
                images = np.where(flipped[:, None, None, None], images[..., ::-1], images)
            found[name] = torch.from_numpy(np.ascontiguousarray(images))
        return found


class BatchNumbers(Sampler[int]):
    """The numbers of the batches of one stretch between two checkpoints.

    Args:
        count: batches in a stretch.
        first: returns the number of the next batch; asked when the stretch begins, so that a
            resumed training goes on where its checkpoint was.
    """

    def __init__(self, count: int, first: Callable[[], int]) -> None:
        self.count, self.first = count, first

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        first = self.first()
        yield from range(first, first + self.count)


class GanDataModule(lightning.LightningDataModule):
    """What `prepare` kept, for Lightning.

    Args:
        settings: the section `data` of params.yaml.
        seed: of the order and of the flips.
        stretch: batches between two checkpoints.
        translates: whether sources are read too.

    Raises:
        Fault: the images are missing, or not of the settings' size.
    """

    def __init__(
        self, settings: GenerativeSettings, seed: int, stretch: int, translates: bool
    ) -> None:
        super().__init__()
        self.settings, self.seed, self.stretch = settings, seed, stretch
        self.arrays = {"images": load_images(IMAGES, settings.image_size)}
        if translates:
            self.arrays["sources"] = load_images(SOURCES, settings.image_size)
            one, other = (self.arrays[name].shape[1] for name in ("images", "sources"))
            if one != other:
                raise Fault(
                    f"The images have {one} channels, the sources {other}.",
                    "Run `compete prepare`, which brings both to the same.",
                )

    @property
    def facts(self) -> ImageFacts:
        """What the networks must know of the images."""
        size, channels = self.settings.image_size, self.arrays["images"].shape[1]
        return ImageFacts(size, channels, self.settings.batch_size, self.seed)

    def train_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """Return the batches of one stretch.

        Raises:
            Fault: the batch can't be shared evenly among the processes.
        """
        trainer: Any = self.trainer
        rank, ranks = (trainer.global_rank, trainer.world_size) if trainer else (0, 1)
        if self.settings.batch_size % ranks:
            raise Fault(
                f"{self.settings.batch_size} images can't be shared evenly by {ranks} processes.",
                f"Set `data.batch_size` to a multiple of {ranks} in params.yaml.",
            )
        batches = ImageBatches(
            self.arrays, self.settings.batch_size, self.settings.x_flip, self.seed, rank, ranks
        )
        numbers = BatchNumbers(self.stretch, lambda: int(trainer.lightning_module.number))
        # A batch is a slice of a memory map: worker processes would only copy it once more.
        return DataLoader(batches, sampler=numbers, batch_size=None)


def load_images(path: Path, size: int) -> Images:
    """Return the images of a file, memory-mapped: uint8, `(n, channels, size, size)`.

    Raises:
        Fault: the file is missing, broken, or holds something else.
    """
    try:
        images: Images = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise Fault(f"{path} is not there yet.", "Run `compete prepare` first.") from None
    except (ValueError, OSError, EOFError) as error:
        raise Fault(
            f"{path} can't be read: {first_line(error).rstrip('.')}.", "Run `compete prepare`."
        ) from None
    right = images.ndim == 4 and images.dtype == np.uint8 and images.shape[1] in (1, 3)
    if not right or images.shape[2:] != (size, size) or not len(images):
        raise Fault(
            f"{path} holds {images.dtype} {images.shape}, not images of {size} pixels.",
            "Run `compete prepare`: `data.image_size` may have changed.",
        )
    return images
