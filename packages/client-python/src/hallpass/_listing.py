"""Lists, read page by page as they are iterated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional
from urllib.parse import parse_qs, urlsplit

from ._transport import Query, Transport

Record = Dict[str, Any]

PAGE_SIZE = 1000


@dataclass(frozen=True)
class Page:
    """A page of a list."""

    records: List[Record]
    #: Goes on after this page, in this process or another one, on the same picture; None on the last.
    cursor: Optional[str]
    #: On the last page of a whole list: the events after this one continue it, without a gap.
    events_after: Optional[str]


class Listing:
    """A list: iterate it for records, or ``pages()`` for pages with the cursors to go on from.

    All of its pages are of one picture of the roster.
    """

    def __init__(
        self, transport: Transport, path: str, query: Query, page_size: Optional[int], cursor: Optional[str]
    ) -> None:
        self._transport = transport
        self._path = path
        self._query = query
        self._page_size = page_size or PAGE_SIZE
        self._cursor = cursor

    def __iter__(self) -> Iterator[Record]:
        for page in self.pages():
            yield from page.records

    def pages(self) -> Iterator[Page]:
        """The pages. Keep the ``cursor`` of the last one that you are done with, to go on after it."""
        path: Optional[str] = self._cursor or self._path
        query: Query = {} if self._cursor else {**self._query, "limit": self._page_size}
        while path is not None:
            page = read_page(self._transport, path, query)
            yield page
            path, query = page.cursor, {}

    def count(self) -> int:
        """How many there are, where the list can say it."""
        answer = self._transport.json(self._path, {**self._query, "count": True})
        return int(answer["count"])


def read_page(transport: Transport, path: str, query: Query) -> Page:
    answer = transport.json(path, query)
    links = {link["rel"]: link["uri"] for link in answer["links"]}
    events = links.get("events")
    return Page(
        [item["data"] for item in answer["data"]],
        links.get("next"),
        None if events is None else parameter_of(events, "starting_after") or "",
    )


def parameter_of(uri: str, name: str) -> Optional[str]:
    """A parameter of a link."""
    found = parse_qs(urlsplit(uri).query).get(name)
    return found[0] if found else None
