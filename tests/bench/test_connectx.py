"""`python -m bench connectx --quick` plays the same games in both. No time is judged."""

import subprocess
import sys
from pathlib import Path

from support import REPOSITORY, outside_environment


def test_the_page_says_that_no_game_differs(tmp_path: Path) -> None:
    output = tmp_path / "connectx.md"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "connectx", "--quick", "--output", str(output)],
        cwd=REPOSITORY,
        env=outside_environment(),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = output.read_text(encoding="utf-8")
    assert "200 random games" in page
    assert ": 0 games differ." in page
    assert page.count("| ours") == 2
