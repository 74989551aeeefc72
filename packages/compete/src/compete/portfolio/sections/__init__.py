"""The sections of the report, each a function of the project's state."""
