"""Charts that the report and the problems draw."""
