"""What the practice account owns beside submissions: its datasets, and notebooks that run here."""

from .account import Account

__all__ = ["Account"]
