"""What visitors see: the report and the cards, checked for leaks and published."""
