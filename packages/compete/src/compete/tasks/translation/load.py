"""A competition on texts is two tables."""

from compete.supervised.tables import read_both as load

__all__ = ["load"]
