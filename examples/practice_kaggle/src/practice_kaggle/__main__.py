"""`python -m practice_kaggle` is `practice-kaggle`."""

from .cli import main

if __name__ == "__main__":
    main()
