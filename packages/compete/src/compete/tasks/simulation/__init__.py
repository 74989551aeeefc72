"""Simulation competitions: agents that play."""
