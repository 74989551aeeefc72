"""Supervised learning: folds, training, prediction, blending and the submission."""
