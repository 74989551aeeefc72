"""What visitors see: the report and what is written from the same facts."""
