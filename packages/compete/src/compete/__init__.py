"""The engine of Kaggle competition projects: data, training, submission and report."""
