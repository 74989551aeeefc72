"""Build the portfolio of the examples.

uv run python examples/gather.py

It is `examples/portfolio/` with each example by its recorded card; a project that `make demo` has
just finished takes the place of its example.
"""

import argparse
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from portfolio_site.cli import build

EXAMPLES = Path(__file__).resolve().parent
PORTFOLIO = EXAMPLES / "portfolio"


def build_examples(folder: Path, finished: Mapping[str, Path]) -> Path:
    """Build the site in a folder, and return its first page.

    Args:
        folder: where; what an earlier build left there is replaced.
        finished: projects by the name of their example.
    """
    settings = yaml.safe_load((PORTFOLIO / "projects.yaml").read_text(encoding="utf-8"))
    names = [Path(place).name for place in settings["projects"]]
    settings["projects"] = [str(finished.get(name, EXAMPLES / name)) for name in names]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "projects.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    shutil.copy(PORTFOLIO / "about.md", folder)
    return build(folder)


def main() -> None:
    """Build the site as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = EXAMPLES.parent / "demo" / "portfolio"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    build_examples(parser.parse_args().folder.resolve(), {})


if __name__ == "__main__":
    main()
