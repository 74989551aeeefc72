"""Competitions on tables."""
