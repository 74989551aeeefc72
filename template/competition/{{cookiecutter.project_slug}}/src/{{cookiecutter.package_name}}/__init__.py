"""A deep-learning project for one Kaggle competition: data, model, and the way to Kaggle and back."""
