"""The science: data, model, folds, training and prediction. What a Kaggler edits."""
