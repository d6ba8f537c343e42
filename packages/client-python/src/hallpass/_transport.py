"""Calls one service: signs in, waits and tries again, and makes errors of refusals."""

from __future__ import annotations

import base64
import http.client
import json
import random
import re
import socket
import ssl
import sys
import threading
import time
import warnings
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Generator, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, cast
from urllib.parse import urlencode, urlsplit

from ._errors import (
    ApiError,
    ConnectionFailedError,
    HallpassDeprecation,
    HallpassError,
    TimeoutExceededError,
    error_of,
)
from ._version import VERSION

#: Gives the value of ``Authorization``; when it is told of one that was refused, another one if there is one.
SignIn = Callable[[Optional[str]], str]
Query = Mapping[str, Any]

_TIMEOUT = 30.0
_BUDGET = 120.0
_BACKOFF_FIRST = 0.25
_BACKOFF_LAST = 10.0
_CHUNK = 1 << 16
#: Refusals that another token of the same grant may mend.
_REPLACED = {"token-revoked", "token-rotated", "token-expired", "credentials-unknown"}


class Clock:
    """Time, as far as the client waits and judges by it. Another one is for tests."""

    def now(self) -> float:
        """Seconds, from any beginning."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def random(self) -> float:
        """From 0 to 1: how waits of many clients are spread."""
        return random.random()


class Transport:
    """Holds connections open between calls, and may be used by several threads."""

    def __init__(
        self,
        url: str,
        sign_in: SignIn,
        timeout: Optional[float] = None,
        retry_budget: Optional[float] = None,
        clock: Optional[Clock] = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url has to begin with https:// or http://")
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._base = parts.path.rstrip("/")
        self.sign_in = sign_in
        self._timeout = _TIMEOUT if timeout is None else timeout
        self.budget = _BUDGET if retry_budget is None else retry_budget
        self.clock = clock or Clock()
        self._context = ssl.create_default_context() if self._is_secure else None
        self._idle: List[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._warned: Set[str] = set()

    def json(
        self,
        path: str,
        query: Optional[Query] = None,
        method: str = "GET",
        body: Any = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """The JSON of an answer; None where there is none."""
        target = self._base + path_of(path, query or {})
        asked = _asked(method, path)
        tries = _Tries(self, method)
        while True:
            try:
                return self._attempt(asked, method, target, body, tries.authorization, timeout or self._timeout)
            except HallpassError as error:
                tries.after(error)

    def lines(self, stream: Stream) -> Iterator[List[bytes]]:
        """The lines of an answer that is as long as it likes, some at a time as they come; no more is held.

        Each piece has the time of an attempt to come in, and its reader as long as it wants. When it breaks off, what
        the stream gives by then is asked, with the whole budget once it has moved; a line that was cut is not given.
        What ends without being whole has broken off, too.
        """
        tries = _Tries(self, "GET")
        while True:
            path = stream.begin()
            target, asked = self._base + path_of(path, {}), _asked("GET", path)
            ends = time.monotonic() + self._timeout
            headers = {**_headers(tries.authorization), "Accept": "application/x-ndjson"}
            closing = ExitStack()
            try:
                with _telling(asked):
                    connection, response = self._begin("GET", target, None, headers, ends)
                    closing.callback(connection.close)
                    closing.callback(response.close)
                    self._notice(response)
                    if response.status != 200:
                        raise self._refusal(asked, response, _read(connection, response, ends))
                rest = b""
                while True:
                    with _telling(asked):
                        piece = _read_some(connection, response, time.monotonic() + self._timeout)
                    if not piece:
                        break
                    lines = (rest + piece).split(b"\n")
                    rest = lines.pop()
                    if lines:
                        yield lines
                    if stream.has_moved():
                        tries.renew()
                if stream.is_whole():
                    return
                raise ConnectionFailedError(f"{asked} got no whole answer (it ended early)")
            except HallpassError as error:
                closing.close()
                tries.after(error)
            finally:
                closing.close()

    def warn(self, text: str) -> None:
        """Says once what will stop working."""
        with self._lock:
            if text in self._warned:
                return
            self._warned.add(text)
        warnings.warn(text, HallpassDeprecation, stacklevel=_outside())

    def close(self) -> None:
        """Closes the connections that are open. The next call opens another."""
        with self._lock:
            idle, self._idle = self._idle, []
        for each in idle:
            each.close()

    def _attempt(
        self, asked: str, method: str, target: str, body: Any, authorization: str, timeout: float
    ) -> Any:
        headers = _headers(authorization)
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        ends = time.monotonic() + timeout
        with _telling(asked):
            response, text = self._exchange(method, target, data, headers, ends)
        self._notice(response)
        if not 200 <= response.status < 300:
            raise self._refusal(asked, response, text)
        if response.status == 204:
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            raise ConnectionFailedError(f"{asked} got no whole answer (no JSON)") from error

    def _refusal(self, asked: str, response: http.client.HTTPResponse, text: bytes) -> ApiError:
        retry_after = _seconds(response.headers.get("Retry-After"))
        return error_of(asked, response.status, response.headers.get("X-Request-Id"), retry_after, text)

    def _exchange(
        self, method: str, target: str, data: Optional[bytes], headers: Mapping[str, str], ends: float
    ) -> Tuple[http.client.HTTPResponse, bytes]:
        """One request and its whole answer."""
        connection, response = self._begin(method, target, data, headers, ends)
        try:
            text = _read(connection, response, ends)
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)
        return response, text

    def _begin(
        self, method: str, target: str, data: Optional[bytes], headers: Mapping[str, str], ends: float
    ) -> Tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """One request and the head of its answer. A connection that was closed while it lay idle is no fault."""
        while True:
            connection, is_reused = self._connection(method, ends)
            try:
                connection.request(method, target, body=data, headers=dict(headers))
                return connection, connection.getresponse()
            except ConnectionError:
                connection.close()
                if not is_reused:
                    raise
            except BaseException:
                connection.close()
                raise

    def _connection(self, method: str, ends: float) -> Tuple[http.client.HTTPConnection, bool]:
        # What must not be sent twice is sent on a connection that cannot have been closed meanwhile.
        with self._lock:
            idle = self._idle.pop() if self._idle and method != "POST" else None
        left = max(ends - time.monotonic(), 0.001)
        if idle is not None:
            if idle.sock is not None:
                idle.sock.settimeout(left)
            return idle, True
        if self._context is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=left, context=self._context), False
        return http.client.HTTPConnection(self._host, self._port, timeout=left), False

    def pause_after(self, error: HallpassError, is_idempotent: bool, attempt: int) -> Optional[float]:
        """For how long to wait before the same is asked again; None where that does not help."""
        status = error.status if isinstance(error, ApiError) else None
        is_away = isinstance(error, ConnectionFailedError) or status in (502, 503, 504)
        if status != 429 and not (is_away and is_idempotent):
            return None
        asked = error.retry_after if isinstance(error, ApiError) else None
        spread = self.clock.random()
        # Those who were told the same do not come back at the same moment.
        if asked is not None:
            return asked + spread * max(_BACKOFF_FIRST, asked / 4)
        backoff = min(_BACKOFF_FIRST * 2**attempt, _BACKOFF_LAST)
        return float(backoff * (0.5 + spread / 2))

    def _notice(self, response: http.client.HTTPResponse) -> None:
        deprecated, sunset = response.headers.get("Deprecation"), response.headers.get("Sunset")
        if deprecated is None and sunset is None:
            return
        when = "on a day that is not named yet" if sunset is None else f"on {sunset}"
        found = re.search(r'<([^>]+)>;\s*rel="deprecation"', response.headers.get("Link") or "")
        more = f" See {found.group(1)}" if found else ""
        self.warn(f"Hallpass: the credential in use is deprecated and stops working {when}.{more}")


class Stream:
    """What reads an answer of lines: it says what to ask, now and when that broke off."""

    def begin(self) -> str:
        """The path of what is asked now."""
        raise NotImplementedError

    def has_moved(self) -> bool:
        """Whether this answer has brought it further."""
        raise NotImplementedError

    def is_whole(self) -> bool:
        """Whether everything has come."""
        raise NotImplementedError


class _Tries:
    """What a call needs to be asked again: which of its failures that helps, and when."""

    def __init__(self, transport: Transport, method: str) -> None:
        self._transport = transport
        self._is_idempotent = method != "POST"
        self.renew()
        self.authorization = transport.sign_in(None)

    def renew(self) -> None:
        """The budget begins anew."""
        self._began = self._transport.clock.now()
        self._attempt = 0
        self._is_refreshed = False

    def after(self, error: HallpassError) -> None:
        """Returns when it is time to ask again; raises the error where that does not help."""
        if isinstance(error, ApiError) and error.status == 401 and error.code in _REPLACED and not self._is_refreshed:
            self._is_refreshed = True
            other = self._transport.sign_in(self.authorization)
            if other == self.authorization:
                raise error
            self.authorization = other
            return
        pause = self._transport.pause_after(error, self._is_idempotent, self._attempt)
        if pause is None or self._transport.clock.now() - self._began + pause > self._transport.budget:
            raise error
        self._attempt += 1
        self._transport.clock.sleep(pause)


def path_of(path: str, query: Query) -> str:
    """A path and its query. Links of the service are followed as they are; nothing else is."""
    if not path.startswith("/") or path.startswith("//") or re.search(r"[\s\x00-\x1f]", path):
        raise ValueError("a path or cursor begins with one slash")
    given = [(name, _text(value)) for name, value in query.items() if value is not None]
    if not given:
        return path
    return path + ("&" if "?" in path else "?") + urlencode(given)


def basic(name: str, secret: str) -> str:
    """HTTP Basic."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def _asked(method: str, path: str) -> str:
    """The request without its query, which may hold a secret."""
    return f"{method} {path.split('?', 1)[0]}"


def _headers(authorization: str) -> Dict[str, str]:
    return {
        "Authorization": authorization,
        "Accept": "application/json",
        "User-Agent": f"hallpass-client-python/{VERSION}",
    }


@contextmanager
def _telling(asked: str) -> Generator[None, None, None]:
    """Tells what went wrong on the way in errors of this package."""
    try:
        yield
    except (TimeoutError, socket.timeout) as error:
        raise TimeoutExceededError(f"{asked} took too long") from error
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionFailedError(f"{asked} got no whole answer ({type(error).__name__})") from error


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(str(each) for each in cast(Sequence[Any], value))
    return str(value)


def _read(connection: http.client.HTTPConnection, response: http.client.HTTPResponse, ends: float) -> bytes:
    """The whole body, until the attempt's time is over."""
    pieces: List[bytes] = []
    while True:
        _wait_until(connection, ends)
        piece = response.read(_CHUNK)
        if not piece:
            break
        pieces.append(piece)
    if response.length:
        raise http.client.IncompleteRead(b"".join(pieces), response.length)
    return b"".join(pieces)


def _read_some(connection: http.client.HTTPConnection, response: http.client.HTTPResponse, ends: float) -> bytes:
    """What has come of the body; nothing at its end."""
    _wait_until(connection, ends)
    # Of a body whose length was told, read1 keeps no count in older versions of Python.
    piece = response.read1(_CHUNK) if response.chunked else response.read(_CHUNK)
    if not piece and response.length:
        raise http.client.IncompleteRead(piece, response.length)
    return piece


def _wait_until(connection: http.client.HTTPConnection, ends: float) -> None:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    if connection.sock is not None:
        connection.sock.settimeout(left)


def _seconds(text: Optional[str]) -> Optional[float]:
    """``Retry-After``: seconds or a date."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _outside() -> int:
    """How far up the stack the caller of this package stands."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("hallpass"):
        depth, frame = depth + 1, frame.f_back
    return depth
