"""The sections of the report that every project has, each a function of its state."""
