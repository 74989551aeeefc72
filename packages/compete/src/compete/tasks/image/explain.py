"""What the report shows of images: the images, and which parts of them predictions rest on."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from compete.contract import Contract
from compete.explanation import Explanation, Input
from compete.files import IMAGE, PROCESSED
from compete.processed import read_array, read_rows
from compete.tasks.image.decode import Pixels, StoredImages, UnreadableImage, as_image, decode

if TYPE_CHECKING:
    from torch import Tensor

_SHOWN = 128  # pixels a side
_FOR, _AGAINST = (213, 94, 0), (0, 114, 178)  # told apart with every kind of colour vision
_PATCHES = 8  # patches that cover a side, each half over its neighbour


def inputs(contract: Contract, rows: Sequence[int]) -> Sequence[Input]:
    """Return the images of some training rows, by their numbers."""
    return [_webp(pixels) for pixels in _stored_pixels(rows)]


def explain(contract: Contract, rows: Sequence[int]) -> list[Explanation]:
    """Return occlusion maps (Zeiler and Fergus, 2014) by models that never trained on the rows."""
    from compete.supervised.inference import trained_folds

    items: list[tuple[str, Input]] = []
    text = ""
    for member, _, mine, data, model in trained_folds(contract, rows):
        text = (
            f"Member {member} predicts again with each patch of the image covered in turn. "
            "Orange: without this part, the prediction is less probable (or lower). Blue: more "
            "probable (or higher)."
        )
        for row, pixels in zip(mine, _stored_pixels(mine), strict=True):
            heat, output = _occlusion(model, pixels)
            name = data.problem.output_names[output]
            items.append((f"row {row}: evidence for {name}", _webp(_painted(pixels, heat))))
    return [Explanation("Occlusion maps", text, items)] if items else []


def _occlusion(model: Any, pixels: Pixels) -> tuple[NDArray[np.float32], int]:
    """Return what covering each pixel's surroundings takes from an output `(h, w)`, and which."""
    import torch
    from captum.attr import Occlusion

    x = torch.from_numpy(pixels).permute(2, 0, 1).expand(3, -1, -1)[None].float()

    def ask(batch: "Tensor") -> "Tensor":
        found: Tensor = model.predict_batch(batch)
        return found

    with torch.inference_mode():
        output = int(ask(x).argmax())
        size = max(2, 2 * x.shape[-1] // (_PATCHES + 1))
        heat: Tensor = Occlusion(ask).attribute(
            x,
            sliding_window_shapes=(3, size, size),
            strides=(3, max(1, size // 2), max(1, size // 2)),
            baselines=x.mean(dim=(2, 3), keepdim=True).expand_as(x),
            target=output,
            perturbations_per_eval=16,
        )
    return heat[0].mean(dim=0).numpy(), output


def _painted(pixels: Pixels, heat: NDArray[np.float32]) -> Pixels:
    """Return the pixels in grey, under orange where `heat` is positive, else under blue."""
    grey = np.broadcast_to(pixels.mean(axis=2, keepdims=True), (*pixels.shape[:2], 3))
    strength = (np.abs(heat) / max(float(np.abs(heat).max()), 1e-12))[:, :, None] * 0.7
    colour = np.where(heat[:, :, None] > 0, np.array(_FOR), np.array(_AGAINST))
    return (grey * (1 - strength) + colour * strength).astype(np.uint8)


def _stored_pixels(rows: Sequence[int]) -> list[Pixels]:
    """Return the stored images of some training rows, uint8 `(h, w, channels)`."""
    stored = StoredImages.load()
    if stored.cached:
        return list(read_array(PROCESSED / "train.npy")[list(rows)])
    paths = read_rows(PROCESSED / "train.parquet", [IMAGE])[IMAGE]
    found = []
    for row in rows:
        try:
            found.append(decode(Path(paths[row] or ""), stored.size, stored.channels))
        except UnreadableImage:
            found.append(np.zeros((stored.size, stored.size, stored.channels), dtype=np.uint8))
    return found


def _webp(pixels: Pixels) -> bytes:
    image = as_image(pixels)
    image.thumbnail((_SHOWN, _SHOWN))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80)
    return file.getvalue()
