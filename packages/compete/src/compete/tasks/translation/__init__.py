"""Competitions that write a text for each text."""
