"""Image models for the browser: pixels in, predictions out, the views of prediction included."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from torch import Tensor, nn

from compete.contract import Contract
from compete.export.demo import Demo, Exportable, NotExportable
from compete.files import PROCESSED
from compete.processed import read_array
from compete.tasks.image.decode import StoredImages
from compete.tasks.image.examples import examples

_ROWS = 32  # real images that torch and ONNX Runtime are compared on
_EDGE = 1e-6  # of an image that a pixel shows: less is none
_INK_ROWS = 500
_PLAIN = 32  # of 255: corners that differ less from their median are background
_MOST_STROKE = 0.14  # of the side, to draw with: wider ones fill the loops of 6, 8 and 9
_STROKE = 0.35  # part of the image's side: what is wider is an area, and not a stroke


def exportable(data: Any, model: Any) -> Exportable:
    """Return a fold's model as a function of stored images, uint8 `(n, channels, size, size)`.

    Raises:
        NotExportable: a view of test-time augmentation is not geometric.
    """
    channels = data.stored.channels

    def read(batch: Tensor) -> dict[str, Tensor]:
        return {"pixels": batch[:, :channels].contiguous()}

    batches, rows = [], 0
    for inputs, _ in data.val_dataloader():
        batches.append(read(inputs)["pixels"])
        rows += len(inputs)
        if rows >= _ROWS:
            break
    pixels = torch.cat(batches)[:_ROWS]
    views = [GeometricView(view, pixels.shape[-1]) for view in data.views]
    for number, (view, exact) in enumerate(zip(views, data.views, strict=True), start=1):
        apart = (view(pixels.float()) - exact(pixels).float()).abs().max()
        if apart > 1:  # one is a half that was rounded the other way
            raise NotExportable(
                f"view {number} of its test-time augmentation does more than move pixels; set "
                "`test_time_augmentation: false` and predict again"
            )
    return Exportable(ImageModel(model, views), {"pixels": pixels}, read=read)


class ImageModel(nn.Module):
    """The mean prediction over the image as it is and as each view shows it.

    Args:
        model: of the fold.
        views: further ways to show an image.
    """

    def __init__(self, model: Any, views: list["GeometricView"]) -> None:
        super().__init__()
        self.model, self.views = model, nn.ModuleList(views)

    def forward(self, pixels: Tensor) -> Tensor:
        """Images uint8 `(n, channels, size, size)` to predictions `(n, outputs)`."""
        x = pixels.float()
        seen = torch.cat([x, *(view(x) for view in self.views)]).expand(-1, 3, -1, -1)
        found: Tensor = self.model.predict_batch(seen)
        return found.reshape(1 + len(self.views), -1, found.shape[1]).mean(dim=0)


class GeometricView(nn.Module):
    """A view that moves pixels, such as a flip or a turn, as a table of which pixels it mixes.

    What it does is read off what it does to the coordinates themselves: each new pixel is a mean of
    up to four neighbours, and black where the view looks past the edge.

    Args:
        view: of a batch `(n, channels, size, size)`.
        size: pixels a side.
    """

    index: Tensor
    weight: Tensor

    def __init__(self, view: Callable[[Tensor], Tensor], size: int) -> None:
        super().__init__()
        line = torch.arange(size, dtype=torch.float32)
        y, x = torch.meshgrid(line, line, indexing="ij")
        probes = torch.stack([torch.ones_like(x), x, y])[:, None]
        inside, *sums = view(probes)[:, 0].double().flatten(1)
        x, y = (
            torch.where(inside > _EDGE, total / inside.clamp(min=_EDGE), 0).clamp(0, size - 1)
            for total in sums
        )
        index, weight = [], []
        for down in (0, 1):
            for right in (0, 1):
                column, row = x.floor() + right, y.floor() + down
                near = (1 - (x - column).abs()).clamp(min=0) * (1 - (y - row).abs()).clamp(min=0)
                weight.append(torch.where(inside > _EDGE, inside * near, 0).float())
                index.append((row.clamp(max=size - 1) * size + column.clamp(max=size - 1)).int())
        used = [number for number, one in enumerate(weight) if bool((one > _EDGE).any())] or [0]
        self.register_buffer("index", torch.stack([index[number] for number in used]))
        self.register_buffer("weight", torch.stack([weight[number] for number in used]))

    def forward(self, images: Tensor) -> Tensor:
        """Images `(n, channels, size, size)` of 0..255 as the view shows them, rounded."""
        flat = images.flatten(2)
        mixed = sum(
            flat.index_select(2, at) * part
            for at, part in zip(self.index, self.weight, strict=True)
        )
        assert isinstance(mixed, Tensor)
        return mixed.round().reshape(images.shape)


def describe(contract: Contract, data: Any) -> Demo:
    """Return what the page needs to make stored images of files and drawings."""
    stored: StoredImages = data.stored
    spec: dict[str, Any] = {
        "size": stored.size,
        "channels": stored.channels,
        "verticalFirst": vertical_first(),
    }
    limits = [
        "It knows only the classes it was trained on: for any other image it still predicts one of "
        "them."
        if data.problem.has_classes
        else "It was trained on one kind of image: predictions for others are useless.",
        "If a JPEG is at least twice as large as the training images, your browser decodes it to "
        "slightly different pixels than Python, and probabilities may differ by a few percent.",
    ]
    if ink := _ink(stored):
        spec["ink"] = ink | {"native": stored.native_size}
        limits.append(
            "Drawings are centered and scaled like the training images; thick, thin or slanted "
            "strokes may still look different."
        )

    def typical(number: int) -> NDArray[np.float32]:
        images = np.load(PROCESSED / "train.npy", mmap_mode="r")
        some = images[np.flatnonzero(data.targets.numpy() == number)[:_INK_ROWS]]
        mean = some[..., 0].mean(axis=0, dtype=np.float32)
        return np.asarray(255 - mean if spec["ink"]["background"] > 127 else mean)

    shown = examples(contract, stored, spec.get("ink"), typical)
    return Demo("image", spec, shown, limits)


def vertical_first() -> bool:
    """Return whether Pillow resizes tall images vertically first, as it does since version 13."""
    tall = Image.fromarray(np.random.default_rng(0).integers(0, 256, (77, 31), np.uint8))
    square = tall.resize((31, 48), Image.Resampling.BICUBIC)
    square = square.resize((48, 48), Image.Resampling.BICUBIC)
    return square.tobytes() == tall.resize((48, 48), Image.Resampling.BICUBIC).tobytes()


def _ink(stored: StoredImages) -> dict[str, Any] | None:
    """Return how grey training images of strokes on a plain background look, None of others.

    The background and the ink from 0 to 255; the longer side of what is drawn and the width of
    strokes as parts of the image's side; how far edges are blurred, as the standard deviation of a
    Gaussian in the same unit; and whether its centre of mass or that of its bounding box lies
    nearer to the image's centre.
    """
    if stored.channels != 1 or not stored.cached:
        return None
    images = read_array(PROCESSED / "train.npy")
    some = np.asarray(images[:: max(1, len(images) // _INK_ROWS)], dtype=np.float32)[..., 0]
    corners = some[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    background = float(np.median(corners))
    plain = (np.abs(corners - background) < _PLAIN).mean()
    two_tone = np.minimum(np.abs(some), np.abs(255 - some)) < 64
    if plain < 0.8 or two_tone.mean() < 0.7 or 64 < background < 191:
        return None
    sides, widths, blurs, off_mass, off_box = [], [], [], [], []
    middle = (stored.size - 1) / 2
    for image in some:
        mask = np.abs(image - background) > 127
        if not mask.any():
            continue
        rows, columns = np.nonzero(mask)
        high, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
        sides.append(max(high, wide) / stored.size)
        # The mean distance to a stroke's edge is a quarter of its width; that to the nearest pixel
        # beyond it, which is measured, half a pixel more.
        distance = ndimage.distance_transform_edt(mask)[mask].mean() - 0.5
        widths.append(4 * distance / stored.size)
        # A step of 255 that is blurred by s rises by 255 / (s * sqrt(2 pi)) where it is steepest.
        steepest = np.percentile(np.hypot(*np.gradient(image)), 98)
        blurs.append(255 / (max(float(steepest), 1.0) * 2.507) / stored.size)
        box = ((rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2)
        mass = ndimage.center_of_mass(np.abs(image - background))
        off_box.append(max(abs(box[0] - middle), abs(box[1] - middle)))
        off_mass.append(max(abs(mass[0] - middle), abs(mass[1] - middle)))
    if not sides or float(np.median(widths)) > _STROKE:
        return None
    return {
        "background": round(background),
        "ink": 255 if background < 128 else 0,
        "side": round(float(np.median(sides)), 3),
        "stroke": round(min(float(np.median(widths)), _MOST_STROKE), 3),
        "blur": round(float(np.median(blurs)), 4),
        "centre": "mass" if np.median(off_mass) < np.median(off_box) else "box",
    }
