"""What all evaluation services share."""
