"""The network for the features of FID: Inception, as in papers and on Kaggle, or a timm model."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from compete.errors import Fault, first_line
from compete.tasks.generative.image_zip import ImageSequence, batches
from compete.training.checkpoint_files import load_file

_MIN_SIDE = 96  # pixels; what timm's models see of a smaller image
_REMEDY = (
    "Set `extractor_weights:` under `data` in params.yaml to the path of a checkpoint; or "
    "`extractor:` to another network, whose distances can't be compared with Inception's."
)


class Extractor:
    """A network that describes images by features.

    Attributes:
        suffix: of the names of distances, such as `-lite0`; nothing for Inception.
        side: to which images are resized; 0: the network resizes them itself.

    Args:
        name: `inception`, or the name of a timm model.
        weights: `hub`, the path of a checkpoint, or `none`: random.
        image_size: pixels of a side of the images.
        device: where it runs.

    Raises:
        Fault: the network is unknown, or its weights can't be had.
    """

    def __init__(self, name: str, weights: str, image_size: int, device: str = "cpu") -> None:
        self._network: nn.Module
        self.device, self.suffix = device, _suffix(name, weights)
        if name == "inception":
            self.side, self._network = 0, _inception(weights).to(device)
        else:
            network = _timm(name, weights)
            self.side = max(_MIN_SIDE, min(network.native, image_size))
            self._network = network.to(device)

    def name(self, distance: str) -> str:
        """Return the name of a distance by these features, such as `FID-lite0`."""
        return distance + self.suffix

    def features(self, images: ImageSequence, at_most: int | None = None) -> Tensor:
        """Return the features of images.

        Args:
            images: (n, 1 or 3, height, width).
            at_most: how many of them.

        Returns:
            (n, features), 32-bit floats on the CPU.
        """
        with torch.inference_mode():
            parts = batches(images, len(images) if at_most is None else at_most)
            return torch.cat([self._describe(part).float().cpu() for part in parts])

    def _describe(self, part: NDArray[np.uint8]) -> Tensor:
        batch = torch.from_numpy(np.ascontiguousarray(part)).to(self.device)
        batch = batch.expand(-1, 3, -1, -1)
        if self.side == 0:
            described: Tensor = self._network(batch.contiguous())
            return described
        size = (self.side, self.side)
        shown = nn.functional.interpolate(
            batch.float(), size, mode="bilinear", antialias=True, align_corners=False
        )
        described = self._network(shown / 255)
        return described


def _suffix(name: str, weights: str) -> str:
    """Return what tells a distance from Inception's."""
    if name == "inception":
        return "" if weights != "none" else "-untrained"
    short = name.partition(".")[0].removeprefix("tf_").removeprefix("efficientnet_")
    return f"-untrained-{short}" if weights == "none" else f"-{short}"


def _inception(weights: str) -> nn.Module:
    """Return the Inception network of the papers, as torch-fidelity ports it."""
    from torchmetrics.image.fid import NoTrainInceptionV3

    if weights == "none":
        raise Fault(
            "Inception needs weights to compare images.",
            "Set `extractor_weights: hub` under `data` in params.yaml, or `extractor:` to another "
            "network.",
        )
    path = None if weights == "hub" else weights
    try:
        return NoTrainInceptionV3("inception-v3-compat", ["2048"], path)
    except Exception as error:  # of the network, of the file, of torch: each has its own kinds
        where = path or "the release of torch-fidelity on GitHub"
        raise Fault(
            f"The weights of Inception can't be loaded from {where} ({first_line(error)}).", _REMEDY
        ) from None


class _Normalized(nn.Module):
    """A network of timm behind the normalization that it was trained with.

    Attributes:
        native: the side of the images that it was trained on, in pixels.

    Args:
        network: without its head.
        config: as timm tells how to feed it.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, config: dict[str, Any]) -> None:
        super().__init__()
        self.network, self.native = network, int(config["input_size"][-1])
        self.register_buffer("mean", torch.tensor(config["mean"]).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(config["std"]).view(3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Return the features of images from 0 to 1."""
        described: Tensor = self.network((images - self.mean) / self.std)
        return described


def _timm(name: str, weights: str) -> _Normalized:
    import timm

    network: Any
    try:
        with torch.random.fork_rng():
            torch.manual_seed(0)  # random weights are the same ones each time
            network = timm.create_model(name, pretrained=weights == "hub")
    except Exception as error:  # each version of the hub's client has its own kinds
        if "Unknown model" in str(error) or "Invalid pretrained tag" in str(error):
            raise Fault(
                f"timm has no model {name!r}.",
                "Set `extractor:` under `data` in params.yaml to one that it has, such as "
                "tf_efficientnet_lite0.in1k, or to inception.",
            ) from None
        if weights != "hub":
            raise
        raise Fault(
            f"The weights of {name} can't be fetched from the hub ({first_line(error)}).", _REMEDY
        ) from None
    if weights not in ("hub", "none"):
        try:
            load_file(network, Path(weights), name)
        except Fault as fault:
            raise Fault(fault.what, _REMEDY) from None
    config = timm.data.resolve_model_data_config(network)
    network.reset_classifier(0)
    return _Normalized(network, config).eval().requires_grad_(False)
