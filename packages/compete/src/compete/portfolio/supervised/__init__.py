"""What a project of predictions shows: cross-validation, mistakes, samples, explanations."""
