"""From the data of a Kaggle competition to a scored submission and a page that shows it."""
