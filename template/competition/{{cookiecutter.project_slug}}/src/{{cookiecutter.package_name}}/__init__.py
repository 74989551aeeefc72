"""A deep-learning project for one Kaggle competition: data, model, the way to Kaggle and back."""
