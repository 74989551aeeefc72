"""The networks, by the name of their backbone."""

from typing import Any, Protocol

from torch import Tensor

from compete.errors import Fault
from compete.tasks.generative.settings import NetworkSettings


class GeneratorNetwork(Protocol):
    """What the training asks of a generator of images from noise."""

    latent: int
    noise_sizes: list[int]
    styles: int

    def __call__(
        self,
        latents: Tensor,
        noise: list[Tensor] | None = None,
        mixed: Tensor | None = None,
        crossover: Tensor | None = None,
        truncation: float = 1.0,
    ) -> Tensor:
        """Return images `(n, channels, size, size)`, about -1 to 1.

        Args:
            latents: `(n, latent)`, of a normal distribution.
            noise: for each of `noise_sizes`, `(n, 1, size, size)`; None: the same for all images.
            mixed: latents `(n, latent)` that give the styles of the layers from `crossover` on.
            crossover: `(n,)`, for each image the number of the first such layer.
            truncation: how far from the mean style; 1 is as trained.
        """
        ...


def make_generator(settings: NetworkSettings, size: int, channels: int) -> Any:
    """Return the generator that the settings name: an `nn.Module` and a `GeneratorNetwork`.

    Args:
        settings: the section `model.network`.
        size: pixels of a side: a power of two, 8 or more.
        channels: 1 for grey images, 3 for colour.

    Raises:
        Fault: a size can't be built.
    """
    from compete.tasks.generative.networks import r3gan, stylegan2

    _check(settings, size)
    made = {"stylegan2": stylegan2.Generator, "r3gan": r3gan.Generator}
    return made[settings.backbone](settings, size, channels)


def make_discriminator(settings: NetworkSettings, size: int, channels: int) -> Any:
    """Return the discriminator that the settings name, as `make_generator` does."""
    from compete.tasks.generative.networks import r3gan, stylegan2

    _check(settings, size)
    made = {"stylegan2": stylegan2.Discriminator, "r3gan": r3gan.Discriminator}
    return made[settings.backbone](settings, size, channels)


def widths(settings: NetworkSettings, size: int) -> dict[int, int]:
    """Return the channels at each resolution from 4 to `size` pixels."""
    sizes = [2**power for power in range(2, size.bit_length())]
    return {each: min(settings.max_width, settings.width * size // each) for each in sizes}


def _check(settings: NetworkSettings, size: int) -> None:
    if size < 8 or size & (size - 1):
        raise Fault(
            f"Images of {size} pixels are not supported.",
            "Set `data.image_size` in params.yaml to 32, 64, 128 or 256.",
        )
    if settings.backbone == "r3gan" and any(
        (2 * width) % settings.group_width for width in widths(settings, size).values()
    ):
        raise Fault(
            f"`group_width: {settings.group_width}` does not divide twice the channels of a layer.",
            "Make `model.network.width` and `max_width` multiples of it.",
        )
