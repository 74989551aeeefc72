"""The first screen of a project that makes images."""

from compete.charts.figure import Figure
from compete.generative_records import Measurement
from compete.portfolio.generative.state import GenerativeState
from compete.portfolio.headline import Headline, Tile
from compete.portfolio.section import number, score_number, sentence

_SHOWN = 3


def headline(state: GenerativeState, picture: Figure | None) -> Headline:
    """Return what a visitor sees first.

    Args:
        state: of the project.
        picture: the chart that shows it best.
    """
    contract = state.contract
    asked = "images translated into the style of others" if contract.translates else "new images"
    few, most = contract.count_min, contract.count_max
    numbers = f"{few:,} to {most:,}" if most > few else f"{few:,}"
    return Headline(
        kind=state.kind,
        problem=f"The competition asks for {asked}: {numbers} of them, of {contract.width} x "
        f"{contract.height} pixels.",
        result=_result(state),
        tiles=_tiles(state),
        findings=_findings(state)[:_SHOWN],
        picture=picture,
    )


def _result(state: GenerativeState) -> str:
    found = state.measurement
    if found is None:
        return "No images have been made yet."
    text = f"{found.count:,} images were made, at a distance ({state.distance}) of {found.fid:.4g} "
    text += "from real ones"
    if (entry := state.headline) and entry.rank and entry.teams:
        text += f", and take place {entry.rank:,} of {entry.teams:,} on Kaggle's leaderboard"
    return f"{text}."


def _tiles(state: GenerativeState) -> list[Tile]:
    tiles = []
    if state.headline:
        split, score = state.leaderboard_score
        note = "lower is better"
        if state.headline.rank and state.headline.teams:
            note = f"rank {state.headline.rank:,} of {state.headline.teams:,}; {note}"
        tiles.append(Tile(f"{state.leaderboard_metric}, {split}", score_number(score), note))
    if found := state.measurement:
        tiles.append(Tile(state.distance, number(found.fid, ".4g"), _before(state, found)))
        copies = sentence("{} of {}", len(found.copies), f"{found.count:,}")
        tiles.append(Tile("copies", copies, "of images to learn from"))
    return tiles


def _before(state: GenerativeState, found: Measurement) -> str:
    """Return what the distance was before the training."""
    points = state.curve.points(found.member) if state.curve else []
    if not points or points[0][0] > 0:
        return "lower is better"
    return f"{points[0][1]:.4g} before the training"


def _findings(state: GenerativeState) -> list[str]:
    """Return what the numbers tell, in sentences."""
    found, run = state.measurement, state.shown_run
    told = []
    if found and found.copies:
        number_of = len(found.copies)
        copies = "is 1 copy" if number_of == 1 else f"are {number_of:,} copies"
        told.append(f"Among {found.count:,} images {copies} of images to learn from.")
    points = state.curve.points(found.member) if found and state.curve else []
    if len(points) > 1 and points[0][0] == 0 and points[-1][1] > 0:
        (_, before), (_, after) = points[0], points[-1]
        told.append(
            f"Training brought the distance down from {before:.4g} to {after:.4g}."
            if after < before
            else f"Training did not help yet: the distance went from {before:.4g} to {after:.4g}."
        )
    if run:
        told.append(
            f"The discriminator saw {run.kimg:g} thousand images, drawn from {run.images:,}."
        )
        if run.augment == "ada":
            told.append(f"Augmentation ended at a probability of {run.p:.2f}.")
    if found and found.extractor != "inception":
        told.append("The distance is not by Inception, so it is no FID of papers or Kaggle.")
    return told
