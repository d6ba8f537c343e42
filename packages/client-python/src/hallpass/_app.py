"""An app at the token service."""

from __future__ import annotations

import os
import threading
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple
from urllib.parse import quote

from ._client import Hallpass
from ._errors import HallpassError
from ._transport import Clock, Transport, basic

_URL_OF_START = "http://127.0.0.1:4001"
_WAIT_SECONDS = 25
_TIMEOUT = 30.0


class HallpassApp:
    """An app's districts, their tokens, and what happens to them. For servers: it holds the client secret."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        url: Optional[str] = None,
        data_api_url: Optional[str] = None,
        timeout: Optional[float] = None,
        retry_budget: Optional[float] = None,
        clock: Optional[Clock] = None,
    ) -> None:
        authorization = basic(client_id, client_secret)
        address = url or os.environ.get("HALLPASS_TOKEN_SERVICE_URL") or _URL_OF_START
        self._transport = Transport(address, lambda _: authorization, timeout, retry_budget, clock)
        self._data_api_url = data_api_url
        self._timeout = timeout
        self._retry_budget = retry_budget
        self._clock = clock
        self.webhooks = Webhooks(self._transport)

    def tokens(
        self, district: Optional[str] = None, updated_since: Optional[str] = None
    ) -> Iterator[Dict[str, Any]]:
        """One token for each district that shares with the app, in the order of districts."""
        path: Optional[str] = "/oauth/tokens?owner_type=district"
        query: Dict[str, Optional[str]] = {"district": district, "updated_since": updated_since}
        while path is not None:
            page = self._transport.json(path, query)
            yield from page["data"]
            path = next((link["uri"] for link in page["links"] if link["rel"] == "next"), None)
            query = {}

    def clients(self) -> Iterator[Tuple[str, Hallpass]]:
        """A district's id and a client for it, of each district that shares with the app."""
        for entry in self.tokens():
            district_id = entry["owner"]["id"]
            yield district_id, self.client(district_id, entry.get("access_token"))

    def client(self, district_id: str, token: Optional[str] = None) -> Hallpass:
        """A client for a district: keep the district's id, not its token.

        It fetches the token when it is first used, and again when it is refused, so that rotations need no attention.
        """
        lock = threading.Lock()
        present = token

        def source(refused: Optional[str]) -> str:
            nonlocal present
            with lock:
                if present is None or present == refused:
                    present = self._token_of(district_id)
                return present

        return Hallpass(
            source,
            url=self._data_api_url,
            timeout=self._timeout,
            retry_budget=self._retry_budget,
            clock=self._clock,
        )

    def rotate_token(
        self, token_id: str, grace_seconds: Optional[int] = None, start: Optional[str] = None
    ) -> Dict[str, Any]:
        """A new token for the district of that one, which goes on for its grace; ``start`` may be ``on-first-use``."""
        given = {"graceSeconds": grace_seconds, "start": start}
        body = {name: value for name, value in given.items() if value is not None}
        return self._call("POST", f"/v1/tokens/{_id(token_id)}/rotate", body)

    def revoke_token(self, token_id: str) -> Dict[str, Any]:
        """Ends a token at once. A grant in force is given a successor, where no other token is live."""
        return self._call("POST", f"/v1/tokens/{_id(token_id)}/revoke")

    def token(self, token_id: str) -> Dict[str, Any]:
        """A token with where it was used from; its secret is not shown."""
        return self._call("GET", f"/v1/tokens/{_id(token_id)}")

    def migration(self) -> Dict[str, Any]:
        """How far the app has come from its API key to tokens."""
        return self._call("GET", "/v1/migration")

    def platform_events(
        self,
        after: Optional[str] = None,
        since: Optional[str] = None,
        types: Optional[Sequence[str]] = None,
        limit: Optional[int] = None,
        wait: int = 0,
    ) -> Dict[str, Any]:
        """A page of what happened to the app: ``data``, and ``next`` to pass as ``after``. ``wait`` is in seconds."""
        query = {"after": after, "since": since, "types": types, "limit": limit, "wait": wait}
        timeout = (self._timeout or _TIMEOUT) + wait
        page: Dict[str, Any] = self._transport.json("/v1/events", query, timeout=timeout)
        return page

    def follow_platform_events(
        self,
        after: Optional[str] = None,
        since: Optional[str] = None,
        types: Optional[Sequence[str]] = None,
        wait: int = _WAIT_SECONDS,
    ) -> Iterator[Dict[str, Any]]:
        """The pages of platform events and then each as it comes, without an end. Keep the last ``next``."""
        while True:
            page = self.platform_events(after, since, types, wait=wait)
            after = page["next"]
            yield page

    def close(self) -> None:
        """Closes the connections that are open."""
        self._transport.close()

    def _call(self, method: str, path: str, body: Any = None) -> Dict[str, Any]:
        answer: Dict[str, Any] = self._transport.json(path, method=method, body=body)
        return answer

    def _token_of(self, district_id: str) -> str:
        entry = next(self.tokens(district=district_id), None)
        if entry is None:
            raise HallpassError(f"the district {district_id} shares nothing with the app now")
        if "access_token" not in entry:
            raise HallpassError("the app is not shown its tokens: give client() the token that you have")
        return str(entry["access_token"])


class Webhooks:
    """Where an app is told of platform events."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = self._transport.json("/v1/webhooks")["data"]
        return found

    def create(self, url: str, types: Optional[Sequence[str]] = None) -> Dict[str, Any]:
        """A new one. Its secret is shown this once. No types means all."""
        body = {"url": url} if types is None else {"url": url, "types": [*types]}
        made: Dict[str, Any] = self._transport.json("/v1/webhooks", method="POST", body=body)
        return made

    def delete(self, webhook_id: str) -> None:
        self._transport.json(f"/v1/webhooks/{_id(webhook_id)}", method="DELETE")

    def test(self, webhook_id: str) -> None:
        """Sends it a ``webhook.test``."""
        self._transport.json(f"/v1/webhooks/{_id(webhook_id)}/test", method="POST")

    def rotate_secret(self, webhook_id: str, overlap_hours: Optional[int] = None) -> Dict[str, Any]:
        """A new secret; for so many hours both sign."""
        body = {} if overlap_hours is None else {"overlapHours": overlap_hours}
        path = f"/v1/webhooks/{_id(webhook_id)}/secret/rotate"
        rotated: Dict[str, Any] = self._transport.json(path, method="POST", body=body)
        return rotated


def _id(text: str) -> str:
    return quote(text, safe="")
