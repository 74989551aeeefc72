"""How tests are shared out among processes, the engine's and the templates' alike."""

import os

import pytest

# Several processes test at once; threads of torch that wait for a core would spin on the others'.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Folders of tests/ whose files share one end-to-end run.
END_TO_END = {
    "examples": "image",
    "generative": "generative",
    "tabular": "tabular",
    "text": "text",
    "translation": "translation",
}


def pytest_xdist_auto_num_workers() -> int:
    """Return one more than cores: many tests wait for a disk, or a server that is slow."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put end-to-end runs first: begun last, one would go on alone while other processes wait.

    What shares fixtures stays in one process: a file's tests, and all that look at one run.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    for item in items:
        file = item.path.relative_to(item.config.rootpath)
        call = getattr(item, "callspec", None)
        params = call.params if call else {}
        run = params.get("run") or params.get("demo")  # the end-to-end run that a test looks at
        if file.parts[0] == "tests":
            run = run or END_TO_END.get(file.parts[1])
        item.add_marker(pytest.mark.xdist_group(run or file.as_posix()))
