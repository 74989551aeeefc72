"""The first screen of a project that makes images."""

from compete.charts.figure import Figure
from compete.portfolio.generative.state import GenerativeState
from compete.portfolio.headline import Headline, Samples, Tile
from compete.portfolio.section import number, score_number, sentence

_SHOWN = 3


def headline(state: GenerativeState, picture: Figure | None, samples: Samples | None) -> Headline:
    """Return what a visitor sees first.

    Args:
        state: of the project.
        picture: the chart that shows it best.
        samples: of the images, if they may be shown.
    """
    contract = state.contract
    asked = "images translated into another style" if contract.translates else "generated images"
    few, most = contract.count_min, contract.count_max
    numbers = f"{few:,} to {most:,}" if most > few else f"{few:,}"
    return Headline(
        kind=state.kind,
        problem=f"The competition asks for {numbers} {asked}, each of {contract.width} x "
        f"{contract.height} pixels.",
        result=_result(state),
        tiles=_tiles(state),
        findings=_findings(state)[:_SHOWN],
        picture=picture,
        samples=samples,
    )


def _result(state: GenerativeState) -> str:
    found = state.measurement
    if found is None:
        return "No images have been generated yet."
    text = f"The {found.count:,} generated images have a {state.distance} of {found.fid:.4g}"
    if (entry := state.headline) and entry.rank and entry.teams:
        text += f" and rank {entry.rank:,} of {entry.teams:,} on Kaggle's leaderboard"
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
        before = state.before_training
        note = "lower is better" if before is None else f"{before:.4g} before training"
        tiles.append(Tile(state.distance, number(found.fid, ".4g"), note))
        copies = sentence("{} of {}", len(found.copies), f"{found.count:,}")
        tiles.append(Tile("copies", copies, "of training images"))
    return tiles


def _findings(state: GenerativeState) -> list[str]:
    """Return what the numbers tell, in sentences."""
    found, run = state.measurement, state.shown_run
    told = []
    if found and found.copies:
        number_of = len(found.copies)
        copies = "is 1 copy" if number_of == 1 else f"are {number_of:,} copies"
        told.append(f"There {copies} of training images among {found.count:,} generated images.")
    points = state.curve.points(found.member) if found and state.curve else []
    if len(points) > 1 and points[0][0] == 0 and points[-1][1] > 0:
        (_, before), (_, after) = points[0], points[-1]
        told.append(
            f"Training reduced the distance from {before:.4g} to {after:.4g}."
            if after < before
            else f"Training has not helped yet: the distance rose from {before:.4g} to {after:.4g}."
        )
    if run:
        told.append(f"It was trained on {run.kimg:g} thousand samples of {run.images:,} images.")
        if run.augment == "ada":
            told.append(
                f"The augmentation probability was {run.p:.2f} at the end."
                if run.p >= 0.005
                else "Nothing was augmented at the end: the discriminator did not overfit."
            )
    if found and found.extractor != "inception":
        told.append("The distance does not use Inception and can't be compared with other FIDs.")
    return told
