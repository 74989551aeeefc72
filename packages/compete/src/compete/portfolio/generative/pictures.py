"""Pictures inside the page: grids, and an animation that can be paused and printed."""

import base64
from pathlib import Path

from markupsafe import Markup

from compete.generative_records import SHOWN, Shown

_MOST_BYTES = 500_000  # of one picture: the page stays below 2 MB
_SECONDS = 8  # of the animation
_MIN_SIDE = 64  # pixels at which a frame is shown


def picture(name: str, caption: str) -> Markup:
    """Return a figure of a picture that `compete predict` left; nothing if it is not there.

    Args:
        name: of its file.
        caption: below it, which is its text alternative too.
    """
    source = _data(SHOWN / name)
    return (
        Markup(
            '<figure class="sheet"><img alt="{}" src="{}"><figcaption>{}</figcaption></figure>'
        ).format(caption, source, caption)
        if source
        else Markup()
    )


def animation(shown: Shown, caption: str) -> Markup:
    """Return the interpolation as an animation; nothing if there is none.

    It can be paused. Printed, and for whoever prefers less motion, it is a few of its frames.

    Args:
        shown: what pictures there are.
        caption: below it, which is its text alternative too.
    """
    frames, still = _data(SHOWN / "interpolation.webp"), _data(SHOWN / "still.webp")
    if not shown.frames or not frames or not still:
        return Markup()
    factor = max(1, -(-_MIN_SIDE // shown.side))
    width, height = shown.paths * shown.side * factor, shown.side * factor
    return Markup(
        '<figure class="animation"><label><input type="checkbox"> Pause</label>'
        '<div role="img" aria-label="{caption}" style="width: {width}px; aspect-ratio: '
        "{width} / {height}; background-image: url({frames}); "
        "animation-duration: {seconds}s; "
        'animation-timing-function: steps({count}, jump-none)"></div>'
        '<img alt="{caption}" width="{width}" src="{still}">'
        "<figcaption>{caption}</figcaption></figure>"
    ).format(
        caption=caption,
        width=width,
        height=height,
        frames=frames,
        seconds=_SECONDS,
        count=shown.frames,
        still=still,
    )


def _data(path: Path) -> str:
    """Return a file as an address that holds it, empty if it is not there or too large."""
    if not path.exists() or path.stat().st_size > _MOST_BYTES:
        return ""
    return "data:image/webp;base64," + base64.b64encode(path.read_bytes()).decode()
