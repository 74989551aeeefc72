"""Competitions in which agents play episodes against each other, as Kaggle's simulations do."""
