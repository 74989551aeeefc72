"""The sections of the report that projects of agents have."""
