"""The sections of the report that projects of predictions have."""
