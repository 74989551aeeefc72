"""Code competitions: from a trained project to a notebook that Kaggle reruns."""
