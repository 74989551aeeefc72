"""Builders of practice folders out of real data that packages ship."""
