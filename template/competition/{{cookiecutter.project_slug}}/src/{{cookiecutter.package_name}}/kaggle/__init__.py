"""The way to Kaggle and back: credentials, download, validation, submission, ledger."""
