"""`python -m compete` is the `compete` command."""

from compete.cli import main

if __name__ == "__main__":
    main()
