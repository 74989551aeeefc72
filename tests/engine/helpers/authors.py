"""The author's part of each task, as the template writes it, made importable for the engine."""

import shutil
from pathlib import Path

TEMPLATE = Path(__file__).parents[3] / "template/competition/{{cookiecutter.project_slug}}"
TASKS = TEMPLATE / "tasks"


def params_of(task: str) -> Path:
    """Return the params.yaml that the template writes for a task; Jinja is left in it."""
    return TASKS / task / "params.yaml"


def install(task: str, folder: Path, name: str | None = None) -> Path:
    """Put the author's package of a task into a folder, as an installer would; return the folder.

    Its entry point leads the engine to it.

    Args:
        name: what the package is called; by default `author_<task>`.
    """
    source = TASKS / task / "src" / "{{cookiecutter.package_name}}"
    name = name or f"author_{task}"
    shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / name / "__init__.py").touch()
    metadata = folder / f"{name}-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text(f"[compete]\nproject = {name}\n")
    return folder
