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
        section.nothing = "No images have been generated yet."
        return section
    section.text.append("These samples are not selected: they are the first that were generated.")
    if state.contract.translates:
        section.text.append("Each source image is above its translation.")
    else:
        section.text.append(
            "A truncation below 1 gives more typical images with less variety; 1 means no "
            "truncation."
        )
    pictures = [picture(name, f"Samples: {caption}") for name, caption in shown.grids.items()]
    moving = "Interpolation between samples in the latent space"
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
            "The distances compare {} submitted images with {} training images by the features "
            "of {}.",
            number(found.made, ",d"),
            number(found.real, ",d"),
            found.extractor,
        )
    )
    if found.extractor != "inception":
        section.text.append(
            "Papers and Kaggle use the features of Inception instead, so these distances can "
            "be compared only within this project."
        )
    rows = [
        {"distance": found.names[key], "value": getattr(found, key), "description": text}
        for key, text in _TOLD.items()
    ]
    section.tables.append(("Distances (lower is better)", pl.DataFrame(rows)))
    figure = distance_curve(state.curve, state.distance) if state.curve else None
    section.figures += [figure] if figure else []
    return section


_TOLD = {
    "fid": "Fréchet distance between normal distributions fitted to the features",
    "kid": "kernel distance between the features, with less bias for few images",
    "mifid": "FID with a penalty for memorized training images",
}


def copies_section(state: GenerativeState) -> Section:
    """Name the images that are copies, and show those that are nearest to real ones."""
    section = Section("originality", "Copies of training images")
    found, shown = state.measurement, state.shown
    if found is None:
        section.nothing = "Nothing has been measured yet."
        return section
    total = number(len(found.copies), ",d", "copies")
    section.text.append(
        sentence(
            "Copies of training images improve the distances, so they are reported separately: {} "
            "of {} differ by less than 2% from a training image or its mirror image.",
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
            "Top: the submitted images closest to a training image. Bottom: that training image.",
        )
        section.html = nearest
    return section
