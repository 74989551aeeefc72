"""Competitions that classify or score texts."""
