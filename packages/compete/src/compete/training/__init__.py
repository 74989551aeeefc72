"""Training by Lightning, whatever the task: configuration, callbacks, parallel folds."""
