"""A local stand-in for Kaggle's HTTP API, for the unmodified official client."""

from .account.account import HostOptions
from .errors import PracticeError
from .server import Server, serve

__all__ = ["HostOptions", "PracticeError", "Server", "serve"]
