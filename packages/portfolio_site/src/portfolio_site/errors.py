"""The one kind of error that the author of a site is meant to see."""


class Fault(Exception):
    """A foreseeable fault: what is wrong, and what to do about it.

    One of a single project is a warning: the rest of the site is built. Any other ends the build.
    """

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what, remedy)

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"
