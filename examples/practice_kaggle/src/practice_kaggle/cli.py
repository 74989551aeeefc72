"""The command `practice-kaggle`: runs a command against the practice Kaggle, or makes a folder."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from .environment import overlaid
from .errors import PracticeError
from .make.cli import app as make_app
from .server import serve

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Practise Kaggle competitions without Kaggle: practice-kaggle DIR -- COMMAND ...",
)
app.add_typer(make_app, name="make")

Folders = Annotated[
    list[Path], typer.Argument(metavar="DIR...", help="Practice folders, or folders of them.")
]
Fail = Annotated[
    list[str] | None,
    typer.Option(
        metavar="METHOD=MODE[@N][:TIMES]",
        help="Let calls fail, for example Download=drop@5000:2, CreateSubmission=lose-answer, "
        "GetCompetition=429@7, Upload=500. Can be repeated.",
    ),
]


@app.command()
def run(folders: Folders, fail: Fail = None, port: int = 0) -> None:
    """Runs a command in which the official client meets the practice Kaggle.

    `run` may be left out: practice-kaggle DIR... -- COMMAND ...
    """
    command = _COMMAND
    if not command:
        raise PracticeError("Say what to run, after two dashes: practice-kaggle DIR -- COMMAND ...")
    with serve(*folders, fail=fail or (), port=port) as server:
        code = _run(command, overlaid(os.environ, server.env))
    raise typer.Exit(code)


@app.command("serve")
def serve_command(folders: Folders, fail: Fail = None, port: int = 0) -> None:
    """Serves until Ctrl-C, and prints the variables that lead the official client here."""
    with serve(*folders, fail=fail or (), port=port) as server:
        for name, value in server.env.items():
            typer.echo(f"{name}={value}")
        typer.echo(f"Serving {', '.join(server.site.competitions)}. Ctrl-C ends it.", err=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


def _run(command: list[str], env: dict[str, str]) -> int:
    program = shutil.which(command[0], path=env.get("PATH"))
    if program is None:
        raise PracticeError(f"There is no command {command[0]!r}. Check its name and your PATH.")
    process = subprocess.Popen([program, *command[1:]], env=env)  # noqa: S603
    interrupts = 0
    while True:
        try:
            code = process.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            # The terminal has told the command too: give it time to end in its own way.
            interrupts += 1
            if interrupts == 2:
                process.terminate()
            elif interrupts > 2:
                process.kill()


_COMMAND: list[str] = []


def main(arguments: list[str] | None = None) -> None:
    """Entry point. What follows the first `--` is the command to run."""
    own = list(sys.argv[1:] if arguments is None else arguments)
    _COMMAND.clear()
    if "--" in own:
        cut = own.index("--")
        own, rest = own[:cut], own[cut + 1 :]
        _COMMAND.extend(rest)
        if not own or own[0] not in ("run", "serve", "make"):
            own.insert(0, "run")
    try:
        app(args=own, prog_name="practice-kaggle")
    except PracticeError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
