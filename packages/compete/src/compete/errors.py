"""The one kind of error that users are meant to see, and what others say in short."""


class Fault(Exception):
    """A foreseeable error: what is wrong, and what to do about it.

    The command line prints both and exits with code 1; nothing else of the project catches it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what, remedy)  # both: so that it can cross to another process

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


def first_line(error: BaseException) -> str:
    """Return the beginning of what an error says, its kind if it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
