"""Search at play time, a module for each game. A submission ships the module of its game."""
