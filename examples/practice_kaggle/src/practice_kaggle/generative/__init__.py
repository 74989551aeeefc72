"""Competitions in which generated images are submitted and judged as a whole."""
