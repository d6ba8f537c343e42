"""Reads the roster of one district."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Iterator, Optional, Sequence, Union
from urllib.parse import quote

from ._export import Export
from ._listing import Listing, Record
from ._sync import KINDS, SyncStep, sync
from ._transport import Clock, Query, Transport, basic

#: Gives a token; when it is told of one that was refused, another one if there is one.
TokenSource = Callable[[Optional[str]], str]

_URL_OF_START = "http://127.0.0.1:4002"
_POLL_SECONDS = 60.0


class _Collection:
    def __init__(self, transport: Transport, path: str) -> None:
        self._transport = transport
        self._path = path

    def get(self, record_id: str, fields: Optional[Sequence[str]] = None) -> Record:
        """One record. Raises NotFoundError where there is none, or it is not shared."""
        return self._one(record_id, None, fields)

    def list(
        self,
        fields: Optional[Sequence[str]] = None,
        page_size: Optional[int] = None,
        cursor: Optional[str] = None,
        **query: Any,
    ) -> Listing:
        """All of them, page by page. ``cursor`` goes on after the page that it came with."""
        return Listing(self._transport, self._path, {**query, "fields": fields}, page_size, cursor)

    def _one(self, record_id: str, child: Optional[str], fields: Optional[Sequence[str]] = None) -> Record:
        data: Record = self._transport.json(self._path_of(record_id, child), {"fields": fields})["data"]
        return data

    def _children(
        self,
        record_id: str,
        child: str,
        query: Query,
        fields: Optional[Sequence[str]],
        page_size: Optional[int],
        cursor: Optional[str],
    ) -> Listing:
        path = self._path_of(record_id, child)
        return Listing(self._transport, path, {**query, "fields": fields}, page_size, cursor)

    def _path_of(self, record_id: str, child: Optional[str]) -> str:
        return f"{self._path}/{quote(record_id, safe='')}" + (f"/{child}" if child else "")


def _leads_to(child: str, *parameters: str) -> Callable[..., Listing]:
    """A list that a record leads to."""

    def listing(
        self: _Collection,
        record_id: str,
        fields: Optional[Sequence[str]] = None,
        page_size: Optional[int] = None,
        cursor: Optional[str] = None,
        **query: Any,
    ) -> Listing:
        unknown = set(query) - set(parameters)
        if unknown:
            raise TypeError(f"unexpected argument {', '.join(sorted(unknown))}")
        return self._children(record_id, child, query, fields, page_size, cursor)

    listing.__doc__ = f"The {child} of a record, page by page."
    return listing


def _belongs_to(child: str) -> Callable[..., Record]:
    def one(self: _Collection, record_id: str) -> Record:
        return self._one(record_id, child)

    one.__doc__ = f"The {child} of a record."
    return one


class Schools(_Collection):
    district = _belongs_to("district")
    courses = _leads_to("courses")
    sections = _leads_to("sections")
    terms = _leads_to("terms")
    users = _leads_to("users", "role", "primary")


class Terms(_Collection):
    district = _belongs_to("district")
    schools = _leads_to("schools")
    sections = _leads_to("sections")


class Courses(_Collection):
    district = _belongs_to("district")
    resources = _leads_to("resources")
    schools = _leads_to("schools")
    sections = _leads_to("sections")


class Sections(_Collection):
    district = _belongs_to("district")
    course = _belongs_to("course")
    school = _belongs_to("school")
    term = _belongs_to("term")
    resources = _leads_to("resources")
    users = _leads_to("users", "role")


class Users(_Collection):
    """People, each with a role for every hat: ``list(role='student')`` gives those with one of them."""

    district = _belongs_to("district")
    contacts = _leads_to("mycontacts")
    students = _leads_to("mystudents")
    teachers = _leads_to("myteachers")
    resources = _leads_to("resources")
    schools = _leads_to("schools", "primary")
    sections = _leads_to("sections")


class Resources(_Collection):
    courses = _leads_to("courses")
    sections = _leads_to("sections")
    users = _leads_to("users", "role")


class Districts(_Collection):
    pass


class Events:
    """What changed in a roster. Kept for 30 days: an older place raises ExpiredCursorError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        after: Optional[str] = None,
        kinds: Optional[Sequence[str]] = None,
        school: Optional[str] = None,
        page_size: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Listing:
        """Those that there are, the oldest first. ``after`` is the last one applied, or ``events_after`` of a page."""
        query = {"starting_after": after or None, "record_type": kinds, "school": school}
        return Listing(self._transport, "/v3.1/events", query, page_size, cursor)

    def follow(
        self,
        after: Optional[str] = None,
        kinds: Optional[Sequence[str]] = None,
        school: Optional[str] = None,
        poll_seconds: float = _POLL_SECONDS,
    ) -> Iterator[Record]:
        """Those that there are and then each as it comes, without an end."""
        while True:
            for event in self.list(after, kinds, school):
                yield event
                after = event["id"]
            self._transport.clock.sleep(poll_seconds)

    def get(self, event_id: str) -> Record:
        """One event."""
        event: Record = self._transport.json(f"/v3.1/events/{quote(event_id, safe='')}")["data"]
        return event


class Hallpass:
    """Reads the roster of one district, with its token.

    ``token`` is the district's, or what finds it. ``api_key`` is the key of older days, which reads all districts of
    the app: keys end on a published day, and using one warns. ``url`` is the data API's address, or else
    HALLPASS_DATA_API_URL, or that of ``npm start``. ``timeout`` is in seconds and for one attempt, ``retry_budget`` for
    all attempts of a call and the waits between them; 0 for one attempt.
    """

    def __init__(
        self,
        token: Optional[Union[str, TokenSource]] = None,
        *,
        api_key: Optional[str] = None,
        url: Optional[str] = None,
        timeout: Optional[float] = None,
        retry_budget: Optional[float] = None,
        clock: Optional[Clock] = None,
    ) -> None:
        if (token is None) == (api_key is None):
            raise TypeError("give either token or api_key")

        def sign_in(refused: Optional[str]) -> str:
            if api_key is not None:
                return basic(api_key, "")
            if callable(token):
                return f"Bearer {token(None if refused is None else refused[7:])}"
            return f"Bearer {token}"

        address = url or os.environ.get("HALLPASS_DATA_API_URL") or _URL_OF_START
        self._transport = Transport(address, sign_in, timeout, retry_budget, clock)
        if api_key is not None:
            self._transport.warn(
                "Hallpass: api_key is deprecated. Use a token for each district; HallpassApp finds them."
            )
        self.schools = Schools(self._transport, "/v3.1/schools")
        self.terms = Terms(self._transport, "/v3.1/terms")
        self.courses = Courses(self._transport, "/v3.1/courses")
        self.users = Users(self._transport, "/v3.1/users")
        self.sections = Sections(self._transport, "/v3.1/sections")
        self.resources = Resources(self._transport, "/v3.1/resources")
        self.districts = Districts(self._transport, "/v3.1/districts")
        self.events = Events(self._transport)

    def district(self) -> Record:
        """The district whose token this is. With a key of several, the first."""
        return next(iter(self.districts.list()))

    def me(self) -> Record:
        """Whose credential it is: of a token, its district."""
        data: Record = self._transport.json("/v3.1/me")["data"]
        return data

    def access(self) -> Dict[str, Any]:
        """What the credential opens now: districts, fields, limits, until when."""
        data: Dict[str, Any] = self._transport.json("/access")["data"]
        return data

    def export(
        self,
        kinds: Optional[Sequence[str]] = None,
        page_size: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Export:
        """Everything that is shared, or the kinds that are wanted, in one answer that is read as it comes."""
        return Export(self._transport, kinds, page_size, cursor)

    def sync(
        self,
        checkpoint: Optional[str] = None,
        kinds: Sequence[str] = KINDS,
        page_size: Optional[int] = None,
    ) -> Iterator[SyncStep]:
        """Brings a copy of the roster up to date: a full pull first, what changed since then later.

        Keep the ``checkpoint`` of each step with what it changed; a sync that broke off goes on from it, and begins
        anew by itself where that is too old.
        """
        return sync(self._transport, checkpoint, kinds, page_size)

    def close(self) -> None:
        """Closes the connections that are open."""
        self._transport.close()

    def __enter__(self) -> Hallpass:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
