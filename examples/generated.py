"""The results of an example that makes images: its distances, and a picture of its samples."""

import os
import platform
import shutil
from pathlib import Path

from results import Results, describe_run

from compete.files import LEDGER
from compete.generative_records import CURVE, MEASUREMENT, DistanceCurve, GanRun, Measurement
from compete.kaggle import ledger

_PICTURES = ("samples.webp", "picture.svg")


def is_generative(project: Path) -> bool:
    """Return whether a project makes images."""
    return (project / MEASUREMENT).exists()


def collect(project: Path, seconds: dict[str, float]) -> Results:
    """Return the numbers of a run, from the project's own files.

    Args:
        project: its folder.
        seconds: of each stage.

    Raises:
        FileNotFoundError: nothing was trained or measured.
    """
    found, curve = Measurement.read(project / MEASUREMENT), DistanceCurve.read(project / CURVE)
    run = GanRun.read(project / GanRun.folder(found.member if found else "") / "gan.json")
    if found is None or curve is None or run is None:
        raise FileNotFoundError(f"{project} has no images yet: run `uv run dvc repro` there.")
    entries = ledger.load(project / LEDGER)
    public = entries[-1].public if entries else None
    return {
        "distance": found.names["fid"],
        "curve": {f"{kimg:g}": value for kimg, value in curve.points(run.member)},
        "curve_images": curve.images,
        "scores": {name: getattr(found, key) for key, name in found.names.items()},
        "images": found.made,
        "copies": len(found.copies),
        "images_per_second": run.images_per_second,
        **({} if public is None else {"public": public}),
        "seconds": seconds,
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "device": run.device,
        "versions": {name: run.versions[name] for name in ("torch", "lightning")},
    }


def block(results: Results, example: str) -> str:
    """Return the results as Markdown.

    Args:
        results: the numbers.
        example: the example's name.
    """
    points = list(results["curve"].items())
    (_, before), (kimg, after) = points[0], points[-1]
    told = f"{results['distance']} of {results['curve_images']} images"
    rows = [
        (f"{told}, before training", f"{before:.1f}"),
        (f"after {kimg} thousand images", f"{after:.1f}"),
        ("factor of improvement", f"{before / max(after, 1e-9):.1f}"),
    ]
    rows += [
        (f"{name} of the submission ({results['images']} images)", f"{value:.4g}")
        for name, value in results["scores"].items()
    ]
    rows.append(("copies of training images", str(results["copies"])))
    if "public" in results:
        rows.append(("public score (MiFID)", f"{results['public']:.2f}"))
    rows.append(("training images per second", f"{results['images_per_second']:.0f}"))
    rows += [(f"{name}, seconds", f"{value:.0f}") for name, value in results["seconds"].items()]
    lines = [f"| {name} | {value} |" for name, value in rows]
    pictures = [
        "![The first generated images](samples.webp)",
        "",
        "![The distance during training](picture.svg)",
    ]
    source = describe_run(results, f"uv run python examples/record.py {example} ../{example}")
    return "\n".join(["| | |", "|---|---|", *lines, "", *pictures, "", source, ""])


def copy_pictures(project: Path, example: Path) -> None:
    """Copy the samples and the curve of a project's report into an example's folder."""
    for name in _PICTURES:
        shutil.copyfile(project / "reports/plots" / name, example / name)
