"""Folds side by side: the first that fails ends all."""

import multiprocessing
import signal
import time
from pathlib import Path

import pytest

from compete.errors import Fault
from compete.training.parallel import run_parallel


def fail_beside_one_that_goes_on(ready: Path, fails: bool) -> None:
    """Fail as soon as the other runs, which ends by no SIGTERM, as after Lightning's `fit`."""
    if not fails:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ready.touch()
        time.sleep(600)
    while not ready.exists():
        time.sleep(0.01)
    raise Fault("The fold failed.", "Fix it.")


def test_a_fold_that_fails_ends_the_others(tmp_path: Path) -> None:
    calls = [(tmp_path / "ready", fails) for fails in (True, False)]
    with pytest.raises(Fault, match=r"The fold failed\. Fix it\."):
        run_parallel(fail_beside_one_that_goes_on, calls, 2)
    assert not multiprocessing.active_children()
