"""The pages of augmentation and of generation: what they say of what was measured."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY, outside_environment

from bench.augmentation import Augmented, Result, augmentation_page
from bench.generation import Rates, generation_page
from compete.generative_records import GanRun

MACHINE = {"Cores": "2"}


def test_the_page_counts_in_how_many_seeds_augmentation_ends_nearer() -> None:
    ends = {
        "none": (40.0, 50.0),
        "ada": (30.0, 60.0),
        "diffaugment": (20.0, 10.0),
        "r1": (5.0, 5.0),
    }
    results = [
        Result(kind, seed, {0.0: 300.0, 8.0: 25.0, 16.0: last}, 0.2, 0.6, 100)
        for kind, pair in ends.items()
        for seed, last in enumerate(pair)
    ]
    page = augmentation_page(Augmented(results, 1.0, 2.0, 16.0, 797), MACHINE, quick=False)
    assert "With `ada` the final distance is smaller than with `none` for 1 of 2" in page
    assert "for 2 of 2 seeds: 15.0 compared to 45.0 on average." in page
    assert "| none | 300.0 | 25.0 | 45.0 |" in page
    assert "| ada | 0 | 300.0 | 30.0 | 25.0 | 0.20 | +0.60 | 100 |" in page
    assert "--quick" not in page


def test_the_page_compares_compiled_with_plain_and_names_what_failed() -> None:
    record = GanRun("", parameters=10_000_000, discriminator_parameters=14_500_000, kimg=99.5)
    plain, fast = ("stylegan2", False), ("stylegan2", True)
    rates: dict[tuple[str, bool], list[float] | str] = {plain: [100, 120, 110], fast: [165.0]}
    found = Rates("a card", 64, rates, {plain: record, fast: record})
    page = generation_page(found, MACHINE, quick=True)
    assert "| stylegan2 | 24.5 | 32-true | 99.5 | 3 | 100 | 110 | 120 |" in page
    assert "Compiling stylegan2 speeds up training by a factor of 1.50." in page
    assert "--quick" in page
    broken = Rates("a card", 64, {plain: [1.0], fast: "It failed.\nBadly."}, {plain: record})
    assert "| stylegan2, compiled | It failed. Badly. |" in generation_page(
        broken, MACHINE, quick=False
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("page", "told"),
    [("augmentation", "| diffaugment | 0 |"), ("generation", "| r3gan |")],
)
def test_a_quick_run_trains_and_writes_the_page(tmp_path: Path, page: str, told: str) -> None:
    output = tmp_path / "page.md"
    done = subprocess.run(
        [sys.executable, "-m", "bench", page, "--quick", "--output", str(output)],
        cwd=REPOSITORY,
        env=outside_environment(),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = output.read_text(encoding="utf-8")
    assert told in text
    assert "What failed" not in text
