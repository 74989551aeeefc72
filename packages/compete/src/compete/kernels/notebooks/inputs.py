# %% [markdown]
# Predicts the test set of the competition that this notebook is attached to, as `compete predict`
# does at home. `compete kernel build` wrote it, with the data set that it reads: code, trained
# folds, and wheels of what Kaggle's image lacks. It needs no internet.

# %%
import os
import subprocess
import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

DATASET = "DATASET_SLUG"
COMPETITION = "COMPETITION_SLUG"
INPUT = Path(os.environ.get("COMPETE_KAGGLE_INPUT", "/kaggle/input"))
WORKING = Path(os.environ.get("COMPETE_KAGGLE_WORKING", "/kaggle/working"))


def mounted(slug: str, *patterns: str) -> Path:
    """Return the folder of an input, which Kaggle mounts in one of several places."""
    for pattern in (slug, *patterns):
        for place in sorted(INPUT.glob(pattern)):
            if place.is_dir():
                return place
    there = sorted(path.name for path in INPUT.glob("*"))
    raise FileNotFoundError(f"{slug} is not attached to this notebook; its inputs are {there}")


dataset = mounted(DATASET, f"datasets/*/{DATASET}", f"datasets/{DATASET}")
data = mounted(COMPETITION, f"competitions/{COMPETITION}")
print(f"data set:    {dataset}\ncompetition: {data}")

# %%
# A folder that was uploaded as a zip file may lie here packed or unpacked.
places = [dataset]
for archive in sorted(dataset.glob("*.zip")):
    places.append(Path(tempfile.mkdtemp(prefix=f"{archive.stem}-")))
    zipfile.ZipFile(archive).extractall(places[-1])
wheels = [path for place in places for path in sorted(place.rglob("*.whl"))]
project = next(path.parent for place in places for path in place.rglob("params.yaml"))
if not wheels:
    raise FileNotFoundError(f"{dataset} holds no wheels")

# Without dependencies: the wheels are all that prediction needs and the image lacks.
install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
needed = ["--find-links", str(wheels[0].parent), "-r", str(project / "requirements.txt")]
subprocess.run([*install, *needed], check=True)
missing = []
for name in (project / "image.txt").read_text().split():
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        missing.append(name)
if missing:
    raise RuntimeError(f"Kaggle's image has no {', '.join(missing)}, and no wheel brings it")
