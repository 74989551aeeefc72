"""Makes a competition one that is answered through an inference server."""

import shutil
from pathlib import Path

import polars as pl
import yaml

from .. import kaggle_evaluation
from ..competition import RERUN
from ..datafiles import sample_submission
from ..errors import PracticeError
from ..settings import FILE_NAME
from .folder import new_folder, write_settings

_VISIBLE_ROWS = 10


def hand_out_in_batches(folder: Path) -> Path:
    """Hide all test rows of a practice folder but ten, and put the evaluation service into it.

    Args:
        folder: whose test rows lie in `data/test.csv`, and nowhere else.

    Raises:
        PracticeError: they don't.
    """
    sample = sample_submission(folder)
    if sample is None or not (folder / "data/test.csv").is_file():
        raise PracticeError(f"{folder} has no test.csv of which batches could be made.")
    source = Path(kaggle_evaluation.__file__).parent
    with new_folder(folder) as new:
        shutil.copytree(folder, new, ignore=shutil.ignore_patterns("state"), dirs_exist_ok=True)
        (new / RERUN).mkdir()
        for name in ("test.csv", sample.name):
            hidden = new / RERUN / name
            (new / "data" / name).replace(hidden)
            shown = pl.read_csv(hidden, infer_schema=False, n_rows=_VISIBLE_ROWS)
            shown.write_csv(new / "data" / name)
        package = new / "data" / source.name
        shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
        settings = yaml.safe_load((new / FILE_NAME).read_text(encoding="utf-8"))
        write_settings(new, settings | {"kernels_only": True, "inference_server": True})
    return folder
