"""Gathers projects by their `card.json` and writes a static site, a profile README and CV lines."""
