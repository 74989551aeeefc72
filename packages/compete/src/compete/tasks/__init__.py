"""What reads, decodes and stores the data of each task."""
