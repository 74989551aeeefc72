"""A clone of this repository, in which documented commands are run."""

import shutil
import subprocess
from pathlib import Path

import pytest
from support import REPOSITORY, outside_environment


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone of this repository, made as the README says, with uncommitted files too."""
    outside = tmp_path_factory.mktemp("clone")
    command = "git clone REPOSITORY kaggle-portfolio".replace("REPOSITORY", f"'{REPOSITORY}'")
    subprocess.run(command, shell=True, cwd=outside, env=outside_environment(), check=True)
    folder = outside / "kaggle-portfolio"
    listing = ["git", "ls-files", "--others", "--modified", "--deleted", "--exclude-standard"]
    changed = subprocess.run(
        listing, cwd=REPOSITORY, check=True, capture_output=True, encoding="utf-8"
    )
    staged = subprocess.run(
        ["git", "diff", "--cached", "--name-only", "--no-renames"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    for name in (changed.stdout + staged.stdout).splitlines():
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
    return folder
