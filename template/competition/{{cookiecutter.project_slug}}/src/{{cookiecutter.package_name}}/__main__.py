"""`python -m <package>` is the `compete` command."""

from .cli import main

if __name__ == "__main__":
    main()
