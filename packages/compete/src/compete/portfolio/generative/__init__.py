"""What a project that makes images shows: samples, distances, copies, training."""
