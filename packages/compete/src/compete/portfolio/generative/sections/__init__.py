"""The sections of the report that projects of images have."""
