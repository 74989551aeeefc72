"""`python -m portfolio_site`, where the command `portfolio` is not on the path."""

from portfolio_site.cli import main

main()
