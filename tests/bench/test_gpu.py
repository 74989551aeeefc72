"""`python -m bench gpu --quick` runs every part once, on the CPU too. No time is judged."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import REPOSITORY, outside_environment

from bench.gpu import GpuMeasured, run_part
from bench.gpu_page import gpu_page
from bench.offline import OfflineProject
from bench.scripts_in_project.watch import busy


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page that a quick run writes."""
    folder = tmp_path_factory.mktemp("gpu")
    words = ("gpu", "--quick", "--output", str(folder / "gpu.md"), "--work", str(folder))
    done = subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=REPOSITORY,
        env=outside_environment(),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "gpu.md").read_text(encoding="utf-8")


def _rows(page: str, section: str) -> list[list[str]]:
    """Return the cells of the table of a section, without its head."""
    part = page.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")][2:]


@pytest.mark.long
@pytest.mark.slow
def test_every_part_is_on_the_page(page: str) -> None:
    assert "## What failed" not in page
    assert "too few steps of tiny models to mean anything" in page
    models = {row[0] for row in _rows(page, "Training step")}
    assert models == {row[0] for row in _rows(page, "Memory and waiting")}
    assert models == {"test_vit", "test_resnet, compiled"}
    loading = _rows(page, "Loading")
    assert {(row[0], row[1]) for row in loading} == {
        (kind, workers) for kind in ("decoded array", "JPEG files") for workers in "01"
    }
    assert all(float(row[3]) > 0 for row in loading)


@pytest.mark.long
@pytest.mark.slow
def test_the_loops_do_the_same_work_in_mixed_precision(page: str) -> None:
    rows = _rows(page, "Training step")
    assert len(rows) == 2 * 4
    assert all(float(row[3]) > 0 for row in rows)
    apart = re.search(
        r"losses of `compete train` and of the bare loop differ by at most (\S+)\.", page
    )
    assert apart is not None
    assert float(apart[1]) < 1e-2


@pytest.mark.long
@pytest.mark.slow
def test_an_epoch_of_texts_counts_tokens_and_padding(page: str) -> None:
    (row,) = _rows(page, "An epoch of MiniLM")
    batch, steps, seconds, _, tokens, padding = row[:6]
    assert (batch, steps) == ("8", "5")
    words = float(tokens.replace(",", "")) * float(seconds) / 40  # of a text
    assert 5 < words < 400
    assert 0 <= int(padding.rstrip("%")) < 100


@pytest.mark.long
@pytest.mark.slow
def test_a_training_killed_with_workers_resumes_to_the_same_bits(page: str) -> None:
    assert _rows(page, "Bitwise reproducible resuming")[0][:2] == ["default", "bitwise equal"]


def test_a_part_that_fails_is_told_and_the_others_go_on() -> None:
    found = GpuMeasured(True, "cpu", {}, {}, 8)

    def fail() -> None:
        raise RuntimeError("CUDA out of memory.\nTried to allocate 20 MiB.")

    assert run_part(found, "vit_base", fail) is None
    assert run_part(found, "resume", lambda: 7) == 7
    told = _rows(gpu_page(found), "What failed")
    assert told == [["vit_base", "CUDA out of memory. Tried to allocate 20 MiB."]]


def test_a_part_ends_at_its_deadline_with_the_processes_that_it_started(tmp_path: Path) -> None:
    child = "import time; time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    start = time.monotonic()
    project = OfflineProject(tmp_path, tmp_path, {}, deadline=start + 1)
    with pytest.raises(TimeoutError, match="ended after 1 seconds"):
        project.run("python", "-c", parent)  # would wait for the child, which holds the pipe
    assert time.monotonic() - start < 30


def test_overlapping_kernels_are_busy_once() -> None:
    assert busy([(5.0, 6.0), (0.0, 2.0), (1.0, 3.0), (1.5, 2.5)]) == pytest.approx(4.0)
    assert busy([]) == 0
