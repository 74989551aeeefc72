"""Finishes a new portfolio: `hooks/portfolio.py` at the top of the repository does it."""

import importlib
import json
import sys

handed = json.loads(r"""{{ cookiecutter | handed_to_hook }}""")
sys.dont_write_bytecode = True  # a stale file could pass for a newer version's
sys.path.insert(0, handed["root"])
importlib.import_module("hooks.portfolio").finish(__file__, handed["answers"])
