"""A page as a browser reads it, and text that must stay text in it."""

from html.parser import HTMLParser

HOSTILE = ["</script><img src=x onerror=alert(1)>", "b|c](javascript:alert(1))", "{" + "{ 7 * 7 }}"]


class Read(HTMLParser):
    """A page as a browser reads it: its numbers by id, its tags, its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.numbers: dict[str, float] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append((tag, named))
        if tag == "data" and named.get("id"):
            self.numbers[str(named["id"])] = float(str(named["value"]))

    def handle_data(self, data: str) -> None:
        self.words += data if self.tags[-1:] and self.tags[-1][0] not in ("script", "style") else ""
