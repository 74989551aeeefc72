"""All images of a folder or zip: looked through, decoded into one array, and what was done."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compete.errors import Fault
from compete.tasks.generative.image_files import (
    BadImage,
    Look,
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
        looks: of each file that is used, by its name, what its header says.
        bad: the names of the files that can't be used, each with why.
    """

    place: Path
    looks: dict[str, Look] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Of the files that are used, in the order of the images."""
        return list(self.looks)

    @property
    def is_colour(self) -> bool:
        """Whether any of them is in colour."""
        return any(each.is_colour for each in self.looks.values())


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
            found.looks[name] = look(content)
        except BadImage as error:
            found.bad[name] = str(error)
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
            f"{found.place} contains no usable images.",
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
    kept = 0
    for name, content in zip(found.names, read_images(found.place, found.names), strict=True):
        try:
            pixels = np.asarray(decode(content, mode, size))
        except BadImage as error:
            found.bad[name] = str(error)
            del found.looks[name]
            continue
        array[kept] = pixels.reshape(size, size, channels).transpose(2, 0, 1)
        kept += 1
    _refuse_bad(found, skip_bad)
    if kept < len(array):
        whole = np.array(array[:kept])
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
        for each in found.looks.values():
            width, height = each.size
            total["transparent"] += each.has_alpha
            total["grey_to_colour"] += mode == "RGB" and not each.is_colour
            total["cropped"] += width != height
            total["enlarged"] += min(each.size) < size
            total["reduced"] += min(each.size) > size
    return {reason: number for reason, number in total.items() if number}
