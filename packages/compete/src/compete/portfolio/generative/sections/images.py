"""What the images look like, how far they are from real ones, and which of them are copies."""

import polars as pl
from markupsafe import Markup

from compete.portfolio.generative.charts import distance_curve
from compete.portfolio.generative.pictures import animation, picture
from compete.portfolio.generative.state import GenerativeState
from compete.portfolio.section import Section, count, number, sentence

_COPIES = 20  # that are listed


def samples_section(state: GenerativeState) -> Section:
    """Show grids of images and the interpolation between some."""
    section = Section("samples", "Samples")
    shown = state.shown
    if shown is None:
        section.nothing = "No images have been made yet."
        return section
    section.text.append("None of the images is chosen: they are the first that were made.")
    if state.contract.translates:
        section.text.append("Each image to translate lies above its translation.")
    else:
        section.text.append(
            "Towards a truncation of 0, images become more typical and more alike; at 1 they are "
            "as varied as the generator learned."
        )
    pictures = [picture(name, f"Samples: {caption}") for name, caption in shown.grids.items()]
    moving = "From sample to sample: each step between two of them is an image of its own"
    section.html = Markup("").join([*pictures, animation(shown, moving)])
    return section


def distance_section(state: GenerativeState) -> Section:
    """State the distances, by which network's features, and draw them over the training."""
    section = Section("distance", "Distance from real images")
    found = state.measurement
    if found is None:
        section.nothing = "Nothing has been measured yet."
        return section
    section.text.append(
        sentence(
            "Features of {} submitted images are compared with those of {} images to learn from; "
            "the features are those of {}.",
            number(found.made, ",d"),
            number(found.real, ",d"),
            found.extractor,
        )
    )
    if found.extractor != "inception":
        section.text.append(
            "These are not the distances of papers and of Kaggle, which use Inception: they can "
            "be compared only among generators of this project."
        )
    rows = [
        {"distance": found.names[key], "value": getattr(found, key), "what it is": text}
        for key, text in _TOLD.items()
    ]
    section.tables.append(("Distances; lower is better", pl.DataFrame(rows)))
    figure = distance_curve(state.curve, state.distance) if state.curve else None
    section.figures += [figure] if figure else []
    return section


_TOLD = {
    "fid": "between normal distributions of the features",
    "kid": "between the features by a polynomial kernel; of few images the fairer one",
    "mifid": "the first, raised where images are memorised",
}


def copies_section(state: GenerativeState) -> Section:
    """Name the images that are copies, and show those that are nearest to real ones."""
    section = Section("originality", "Copies of images to learn from")
    found, shown = state.measurement, state.shown
    if found is None:
        section.nothing = "Nothing has been measured yet."
        return section
    total = number(len(found.copies), ",d", "copies")
    section.text.append(
        sentence(
            "A distance is best for copies, so they are looked for apart: {} of {} "
            "differ by less than 2% from an image to learn from, or from its mirror image.",
            total,
            count(found.count, "submitted image"),
        )
    )
    if found.copies:
        rows = [
            {"image": each.image, "copy of": each.of, "difference": each.difference}
            for each in found.copies[:_COPIES]
        ]
        section.tables.append(("Copies", pl.DataFrame(rows)))
    if shown and shown.nearest:
        nearest = picture(
            "nearest.webp",
            "Above: the submitted images most like an image to learn from. Below: that image.",
        )
        section.html = nearest
    return section
