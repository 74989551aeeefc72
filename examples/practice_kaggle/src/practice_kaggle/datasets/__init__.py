"""Builders of practice folders from real data that Python packages contain."""
