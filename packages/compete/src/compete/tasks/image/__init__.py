"""Competitions on images."""
