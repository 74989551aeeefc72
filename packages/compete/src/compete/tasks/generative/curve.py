"""The distance of each member's generator at every snapshot of its training."""

from collections.abc import Iterator
from pathlib import Path

from compete.files import file_digest, note
from compete.generative_records import CURVE, DistanceCurve, GanRun
from compete.tasks.generative.distances import frechet
from compete.tasks.generative.material import Material

_MOST = 1000  # images: a curve needs less than the score of a submission
_LAST = "generator.safetensors"


def measure_curves(runs: list[GanRun], material: Material) -> DistanceCurve:
    """Write the curves, and return them; what was measured before is kept.

    Args:
        runs: the finished trainings.
        material: what images are made and compared with.
    """
    count = min(_MOST, material.count, material.config.data.distance_images)
    key = f"{material.key} {material.config.data.truncation:g}"
    before = DistanceCurve.load()
    if before is None or (before.key, before.images) != (key, count):
        before = DistanceCurve(key, count)
    curve = DistanceCurve(key, count)
    name = material.extractor.name("FID")
    for run in runs:
        known, seen = before.members.get(run.member, {}), before.digests.get(run.member, {})
        distances = curve.members.setdefault(run.member, {})
        digests = curve.digests.setdefault(run.member, {})
        for kimg, weights in _snapshots(run):
            digests[kimg] = file_digest(GanRun.folder(run.member) / weights)
            if seen.get(kimg) == digests[kimg]:
                distances[kimg] = known[kimg]
                continue
            images = material.make(material.load(run, weights))(0, count)
            distances[kimg] = frechet(material.real, material.extractor.features(images))
            note(f"  {run.member} after {kimg} kimg: {name} {distances[kimg]:.4g}")
            curve.write(CURVE)
    curve.write(CURVE)
    return curve


def _snapshots(run: GanRun) -> Iterator[tuple[str, str]]:
    """Yield kimg, as text, and the file of each snapshot, the final weights last."""
    folder = GanRun.folder(run.member)
    for path in sorted((folder / "snapshots").glob("*.safetensors")):
        yield f"{int(path.stem) / 1000:g}", Path("snapshots", path.name).as_posix()
    yield f"{run.kimg:g}", _LAST
