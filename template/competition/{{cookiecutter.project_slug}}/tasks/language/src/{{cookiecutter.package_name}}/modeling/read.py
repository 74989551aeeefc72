"""A competition of texts is two tables."""

from .tables import read_both as read

__all__ = ["read"]
