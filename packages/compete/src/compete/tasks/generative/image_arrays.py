"""All images of a folder or zip: looked through, decoded into one array, and what was done."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compete.errors import Fault
from compete.tasks.generative.image_files import (
    BadImage,
    decode,
    image_names,
    look,
    read_images,
)

_SHOWN = 5  # bad files


@dataclass
class Found:
    """The image files of a folder or zip.

    Args:
        place: the folder or zip.
        names: of the files that are used.
        sizes: how often each width and height occurs.
        colour: how many are in colour.
        alpha: how many have transparent parts.
        bad: the names of the files that can't be used, each with why.
    """

    place: Path
    names: list[str] = field(default_factory=list)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    colour: int = 0
    alpha: int = 0
    bad: dict[str, str] = field(default_factory=dict)


def look_through(place: Path, skip_bad: bool) -> Found:
    """Return what the headers of the files say.

    Args:
        place: the folder or zip.
        skip_bad: whether files that can't be used are left out.

    Raises:
        Fault: none can be used, or some can't and are not to be left out.
    """
    names = image_names(place)
    found = Found(place)
    for name, content in zip(names, read_images(place, names), strict=True):
        try:
            size, is_colour, has_alpha = look(content)
        except BadImage as error:
            found.bad[name] = str(error)
            continue
        found.names.append(name)
        found.sizes[size] += 1
        found.colour += is_colour
        found.alpha += has_alpha
    _refuse_bad(found, skip_bad)
    return found


def _refuse_bad(found: Found, skip_bad: bool) -> None:
    if found.bad and not skip_bad:
        shown = "; ".join(f"{name}: {why}" for name, why in list(found.bad.items())[:_SHOWN])
        more = f"; and {len(found.bad) - _SHOWN} more" if len(found.bad) > _SHOWN else ""
        raise Fault(
            f"{len(found.bad)} of the files in {found.place} can't be used ({shown}{more}).",
            "Remove them, or set `on_bad_image: skip` under `data` in params.yaml.",
        )
    if not found.names:
        raise Fault(
            f"{found.place} holds no image that can be used.",
            "Put images there (.jpg, .png, .webp, .bmp, .gif or .tif).",
        )


def decode_all(found: Found, path: Path, mode: str, size: int, skip_bad: bool) -> NDArray[np.uint8]:
    """Write the images as one array (images, channels, size, size), and return it.

    Args:
        found: what `look_through` returned; images that can't be decoded move to its `bad`.
        path: of the file to write.
        mode: `RGB`, or `L` for grey.
        size: pixels of a side.
        skip_bad: whether files that can't be used are left out.

    Raises:
        Fault: none can be used, or some can't and are not to be left out.
    """
    channels = 3 if mode == "RGB" else 1
    shape = (len(found.names), channels, size, size)
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    kept: list[str] = []
    for name, content in zip(found.names, read_images(found.place, found.names), strict=True):
        try:
            pixels = np.asarray(decode(content, mode, size))
        except BadImage as error:
            found.bad[name] = str(error)
            continue
        array[len(kept)] = pixels.reshape(size, size, channels).transpose(2, 0, 1)
        kept.append(name)
    if len(kept) < len(found.names):
        found.names = kept
        _refuse_bad(found, skip_bad)
        whole = np.array(array[: len(kept)])
        del array
        np.save(path, whole)
        return whole
    return array


def count_changes(places: list[Found], mode: str, size: int) -> dict[str, int]:
    """Return how many images were left out or changed, by reason; what is 0 is left out.

    Args:
        places: after `decode_all`.
        mode: that they have now.
        size: pixels of a side that they have now.
    """
    total = Counter[str]()
    for found in places:
        total["left_out"] += len(found.bad)
        total["transparent"] += found.alpha
        total["grey_to_colour"] += len(found.names) - found.colour if mode == "RGB" else 0
        for (width, height), number in found.sizes.items():
            total["cropped"] += number * (width != height)
            total["enlarged"] += number * (min(width, height) < size)
            total["reduced"] += number * (min(width, height) > size)
    return {reason: number for reason, number in total.items() if number}
