"""What runs inside a rehearsal, with the standard library alone: Kaggle has no engine yet."""
