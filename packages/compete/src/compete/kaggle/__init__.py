"""The way to Kaggle and back."""
