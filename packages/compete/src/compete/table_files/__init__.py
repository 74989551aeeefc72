"""Reads the tables that competitions ship: CSV, TSV, JSON, Feather or parquet, also compressed."""

from compete.table_files.packing import is_table, stem
from compete.table_files.reading import read_table, read_text, table_columns, table_head

__all__ = ["is_table", "read_table", "read_text", "stem", "table_columns", "table_head"]
