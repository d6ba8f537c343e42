"""Everything that is shared, in one answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence
from urllib.parse import urlencode

from ._errors import ConnectionFailedError, HallpassError
from ._listing import PAGE_SIZE, parameter_of
from ._sync import KINDS, Upsert
from ._transport import Stream, Transport

_PATH = "/v3.1/export"


@dataclass(frozen=True)
class ExportPage:
    """Some of an export."""

    #: Each with its ``kind``, ``id`` and ``data``.
    records: List[Upsert]
    #: Goes on after this page, in this process or another one, on the same picture; None on the last.
    cursor: Optional[str]
    #: On the last page: the events after this one continue it, without a gap.
    events_after: Optional[str]


class Export:
    """Everything that is shared, read as it comes: iterate it for records, or ``pages()`` for some at a time.

    All of it is of one picture of the roster. An answer that breaks off is gone on with; where that does not help, it
    raises, and never just ends.
    """

    def __init__(
        self, transport: Transport, kinds: Optional[Sequence[str]], page_size: Optional[int], cursor: Optional[str]
    ) -> None:
        if kinds is not None and not (kinds and set(kinds) <= set(KINDS)):
            raise ValueError(f"kinds are of {', '.join(KINDS)}")
        self._transport = transport
        self._kinds = None if kinds is None else ",".join(kinds)
        self._page_size = page_size or PAGE_SIZE
        self._cursor = cursor

    def __iter__(self) -> Iterator[Upsert]:
        for page in self.pages():
            yield from page.records

    def pages(self) -> Iterator[ExportPage]:
        """What has come, some at a time. Keep the ``cursor`` of the last that you are done with, to go on after it."""
        place = _Place(self._cursor or _path_of({"kinds": self._kinds}))
        records: List[Upsert] = []
        for lines in self._transport.lines(place):
            for text in lines:
                record = place.take(text)
                if record is not None:
                    records.append(record)
                if len(records) >= self._page_size:
                    yield ExportPage(records, place.path(), None)
                    records = []
        yield ExportPage(records, None, place.events_after)


class _Place(Stream):
    """How far an export has come."""

    def __init__(self, begin: str) -> None:
        self.events_after: Optional[str] = None
        self._path = begin
        self._kinds = parameter_of(begin, "kinds")
        self._at: Optional[str] = None
        self._last: Optional[Dict[str, str]] = None
        self._lines = 0

    def begin(self) -> str:
        self._lines = 0
        return self.path()

    def path(self) -> str:
        """What goes on from here."""
        if self._last is not None:
            return _path_of({"kinds": self._kinds, "at": self._at, **self._last})
        if self._at is not None and parameter_of(self._path, "at") is None:
            return _path_of({"kinds": self._kinds, "at": self._at})
        return self._path

    def has_moved(self) -> bool:
        return self._lines > 0

    def is_whole(self) -> bool:
        return self.events_after is not None

    def take(self, text: bytes) -> Optional[Upsert]:
        """The record of a line, where it is one that this library knows."""
        try:
            line: Dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise ConnectionFailedError(f"GET {_PATH} got no whole answer (no JSON)") from error
        if "kind" in line:
            kind, data = line["kind"], line["data"]
            self._lines += 1
            self._last = {"kind": kind, "starting_after": data["id"]}
            # A kind that was added after this library is passed over.
            return Upsert(kind, data["id"], data) if kind in KINDS else None
        if "export" in line:
            self._at = line["export"]["at"]
        elif "end" in line:
            if line["end"]["records"] != self._lines:
                raise HallpassError(f"GET {_PATH} has left out records")
            self.events_after = parameter_of(line["end"]["events"], "starting_after") or ""
        return None


def _path_of(query: Dict[str, Optional[str]]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{_PATH}?{urlencode(given, safe=',')}" if given else _PATH
