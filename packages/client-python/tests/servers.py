"""Real HTTP servers for the tests: one that answers as it is told, one that holds a roster and is flaky."""

from __future__ import annotations

import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, Optional, Tuple
from urllib.parse import parse_qs, urlencode, urlsplit

from hallpass import KINDS, Clock

Answer = Callable[["Handler"], None]


class VirtualClock(Clock):
    """Stands still but for the waits, which are over at once."""

    def __init__(self) -> None:
        self.waits: List[float] = []
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 4))
        self._now += seconds

    def random(self) -> float:
        return 0.5


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: Head and body leave together: apart, each answer would wait for an acknowledgement.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: "Server"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError):
            self.close_connection = True

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.received.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        self.server.answer(self)

    do_POST = do_PATCH = do_DELETE = do_GET

    def log_message(self, *_: Any) -> None:
        pass

    def send(self, status: int, body: Any, headers: Optional[Dict[str, str]] = None, length: Optional[int] = None) -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def stream(self, text: bytes, cut_at: Optional[int] = None) -> None:
        """In pieces, perhaps cut before the end."""
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        whole = text if cut_at is None else text[:cut_at]
        for piece in (whole[i : i + 97] for i in range(0, len(whole), 97)):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if cut_at is not None:
            return self.cut()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def cut(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(2)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.received: List[Tuple[str, str, Dict[str, str], bytes]] = []
        #: One after the other; the last stays.
        self.answers: List[Answer] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def answer(self, handler: Handler) -> None:
        (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(handler)

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


def ok(body: Any, **headers: str) -> Answer:
    return lambda handler: handler.send(200, body, headers)


def problem(status: int, code: str, **headers: str) -> Answer:
    body = {"title": "A title.", "detail": "A detail.", "status": status, "code": code, "requestId": "req_1"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(status, body, given)


def cut(handler: Handler) -> None:
    handler.cut()


def cut_short(handler: Handler) -> None:
    handler.send(200, b'{"data":', length=99)
    handler.cut()


Picture = Dict[str, Dict[str, Any]]


class RosterServer(Server):
    """Holds one district as the data API does: pictures by seq, pages pinned to one, events after it."""

    def __init__(self) -> None:
        self.reset(random.Random(0), [0] * 6, 0.0)
        super().__init__()

    def reset(self, chance: random.Random, sizes: List[int], trouble: float) -> None:
        self.chance, self.trouble = chance, trouble
        self.pictures: List[Picture] = [
            {kind: {_id(n): {"id": _id(n), "version": 0} for n in range(size)} for kind, size in zip(KINDS, sizes)}
        ]
        self.events: List[Dict[str, Any]] = []
        self.floor = 0

    @property
    def picture(self) -> Picture:
        return self.pictures[-1]

    def change(self) -> None:
        seq = len(self.pictures)
        after = {kind: dict(records) for kind, records in self.picture.items()}
        for _ in range(3):
            kind, record_id = self.chance.choice(KINDS), _id(self.chance.randrange(12))
            had = after[kind].get(record_id)
            if had and self.chance.random() < 0.3:
                del after[kind][record_id]
                what, shown = "deleted", {"id": record_id}
            else:
                shown = {"id": record_id, "version": self.chance.randrange(1 << 30)}
                after[kind][record_id] = shown
                what = "updated" if had else "created"
            event_id = f"{seq:08x}{len(self.events):016x}"
            self.events.append({"id": event_id, "type": f"{kind}.{what}", "data": {"object": shown}})
        self.pictures.append(after)

    def answer(self, handler: Handler) -> None:
        if self.chance.random() < self.trouble:
            trouble = self.chance.choice(["limited", "away", "cut", "cut short", "ended", "change", "change", "prune"])
            if trouble == "limited":
                return problem(429, "rate-limited", Retry_After="7")(handler)
            if trouble == "away":
                return problem(503, "storage-unavailable", Retry_After="1")(handler)
            if trouble == "cut":
                return handler.cut()
            if trouble == "cut short" or (trouble == "ended" and "/export" not in handler.path):
                return cut_short(handler)
            if trouble == "ended":
                # As a proxy may have it that lost its server: what came is well-formed HTTP, and not whole.
                text = self.export(handler.path)
                return handler.send(200, text[: self.chance.randrange(len(text))])
            self.change()
            if trouble == "prune":
                self.floor = len(self.pictures) - 1
        parts = urlsplit(handler.path)
        query = _query(handler.path)
        if parts.path == "/v3.1/export":
            if int(query.get("at", len(self.pictures) - 1)) < self.floor:
                return problem(410, "cursor-expired")(handler)
            text = self.export(handler.path)
            cut_at = self.chance.randrange(len(text)) if self.chance.random() < self.trouble else None
            return handler.stream(text, cut_at)
        limit, after = int(query.get("limit", 100)), query.get("starting_after", "")
        links = [{"rel": "self", "uri": handler.path}]
        if parts.path == "/v3.1/events":
            if after and int(after[:8], 16) < self.floor:
                return problem(410, "events-expired")(handler)
            types = query.get("record_type", ",".join(KINDS)).split(",")
            told = [e for e in self.events if e["id"] > after and e["type"].split(".")[0] in types][:limit]
            if len(told) == limit:
                links.append({"rel": "next", "uri": f"{parts.path}?{urlencode({**query, 'starting_after': told[-1]['id']})}"})
            data = [{"data": event, "uri": ""} for event in told]
        else:
            at = int(query.get("at", len(self.pictures) - 1))
            if at < self.floor:
                return problem(410, "cursor-expired")(handler)
            records = self.pictures[at][parts.path.rsplit("/", 1)[1]]
            shown = [records[i] for i in sorted(records) if i > after][:limit]
            if len(shown) == limit:
                uri = f"{parts.path}?limit={limit}&starting_after={shown[-1]['id']}&at={at}"
                links.append({"rel": "next", "uri": uri})
            else:
                links.append({"rel": "events", "uri": f"/v3.1/events?starting_after={at:08x}{'f' * 16}"})
            data = [{"data": record, "uri": ""} for record in shown]
        handler.send(200, {"data": data, "links": links})

    def export(self, path: str) -> bytes:
        """As lines: what it is of, the records, and how many they were."""
        query = _query(path)
        at = int(query.get("at", len(self.pictures) - 1))
        wanted = query.get("kinds", ",".join(KINDS)).split(",")
        kinds = [kind for kind in KINDS if kind in wanted]
        first = query.get("kind", kinds[0])
        lines = [
            {"kind": kind, "data": self.pictures[at][kind][i]}
            for kind in kinds[kinds.index(first) :]
            for i in sorted(self.pictures[at][kind])
            if kind != first or i > query.get("starting_after", "")
        ]
        events = f"/v3.1/events?starting_after={at:08x}{'f' * 16}"
        begun = {"export": {"version": "v3.1", "at": str(at), "kinds": kinds, "events": events}}
        end = {"end": {"records": len(lines), "events": events}}
        return b"".join(json.dumps(line).encode() + b"\n" for line in [begun, *lines, end])


def _query(path: str) -> Dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def _id(number: int) -> str:
    return f"{number + 1:024x}"
