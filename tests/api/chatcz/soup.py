"""HTML as BeautifulSoup's plain reader gives it: white space with a line end in it, between tags, is one line end."""

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "img"})


class Tag:
    """An element: its attributes, and what is in it."""

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.content: list[Tag | str] = []

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.content)

    def descendants(self) -> "Iterator[Tag]":
        for part in self.content:
            if isinstance(part, Tag):
                yield part
                yield from part.descendants()

    def find_all(self, name: str, **attributes: str) -> "list[Tag]":
        """Those of that name whose attributes are these, among others."""
        return [tag for tag in self.descendants() if tag.name == name and attributes.items() <= tag.attributes.items()]

    def find(self, name: str, **attributes: str) -> "Tag | None":
        return next(iter(self.find_all(name, **attributes)), None)

    def the(self, *names: str) -> "Tag":
        """The first of the first name, in it the first of the second, and so on; they must be there."""
        tag = self
        for name in names:
            found = tag.find(name)
            assert found is not None, f"no {name} in {tag.name}"
            tag = found
        return tag


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Tag("", {})]
        self._data = ""

    def _flush(self) -> None:
        data, self._data = self._data, ""
        if data and not data.strip(" \t\n\r\f\v"):
            data = "\n" if "\n" in data else " "
        if data:
            self.open[-1].content.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        opened = Tag(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(opened)
        if tag not in VOID:
            self.open.append(opened)

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self._data += data

    def close(self) -> None:
        super().close()
        self._flush()


def read(html: str) -> Tag:
    """What holds the whole document."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1
    return reader.open[0]
