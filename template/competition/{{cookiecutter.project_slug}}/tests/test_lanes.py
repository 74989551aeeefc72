"""Folds side by side: the first that fails ends all."""

import multiprocessing
import signal
import time
from importlib import import_module
from pathlib import Path

import pytest
from conftest import Package


def fail_beside_one_that_goes_on(errors: str, ready: Path, fails: bool) -> None:
    """Fail as soon as the other runs, which ends by no SIGTERM, as after Lightning's `fit`."""
    if not fails:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ready.touch()
        time.sleep(600)
    while not ready.exists():
        time.sleep(0.01)
    raise import_module(errors).Fault("The fold failed.", "Mend it.")


def test_a_fold_that_fails_ends_the_others(
    package: Package, fault: type[Exception], tmp_path: Path
) -> None:
    calls = [(package("errors").__name__, tmp_path / "ready", fails) for fails in (True, False)]
    with pytest.raises(fault, match=r"The fold failed\. Mend it\."):
        package("modeling.lanes").run_all(fail_beside_one_that_goes_on, calls, 2)
    assert not multiprocessing.active_children()
