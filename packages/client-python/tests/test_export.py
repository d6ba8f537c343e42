from __future__ import annotations

import os
import random
import unittest
from typing import Any, Dict, List, Optional, Tuple

from hallpass import (
    KINDS,
    ConnectionFailedError,
    ExpiredCursorError,
    Hallpass,
    HallpassError,
    RateLimitedError,
    TimeoutExceededError,
)
from servers import RosterServer, Server, VirtualClock, cut, problem

RUNS = 150
HEAD = b'{"export":{"at":"0"}}\n'
RECORD = b'{"kind":"schools","data":{"id":"a"}}\n'


def flat(picture: Any, kinds: Any = KINDS) -> List[Tuple[str, str, Any]]:
    return [(kind, i, picture[kind][i]) for kind in KINDS if kind in kinds for i in sorted(picture[kind])]


class ExportTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = RosterServer()
        self.addCleanup(self.server.stop)
        self.server.reset(random.Random(1), [2, 1, 0, 5, 3, 0], 0.0)

    def client(self, url: Optional[str] = None, **options: Any) -> Hallpass:
        client = Hallpass("hptok_test", url=url or self.server.url, clock=VirtualClock(), **options)
        self.addCleanup(client.close)
        return client

    def test_has_every_record_of_its_picture_once_and_in_order_or_raises_wherever_it_is_cut(self) -> None:
        first = int(os.environ.get("HALLPASS_TEST_SEED") or random.randrange(1 << 32))
        for seed in range(first, first + RUNS):
            with self.subTest(f"HALLPASS_TEST_SEED={seed}"):
                self.check(random.Random(seed))

    def check(self, chance: random.Random) -> None:
        self.server.reset(
            random.Random(chance.random()), [chance.randrange(14) for _ in KINDS], chance.choice([0.1, 0.3, 0.5])
        )
        kinds = chance.choice([None, chance.sample(KINDS, chance.randint(1, len(KINDS)))])
        page_size, client = chance.randint(1, 30), self.client()
        found: List[Tuple[str, str, Any]] = []
        cursor: Optional[str] = None
        after: Optional[str] = None
        while after is None:
            try:
                for page in client.export(kinds, page_size=page_size, cursor=cursor).pages():
                    found += page.records
                    cursor, after = page.cursor, page.events_after
                self.assertIsNotNone(after)
            except ExpiredCursorError:
                found, cursor = [], None
            except HallpassError:
                pass
        self.server.trouble = 0.0
        copy: Dict[Tuple[str, str], Any] = {(kind, i): data for kind, i, data in found}
        self.assertEqual([*copy], sorted(copy, key=lambda key: (KINDS.index(key[0]), key[1])))
        self.assertEqual(len(copy), len(found))
        try:
            for event in client.events.list(after, kinds):
                kind, what = event["type"].split(".")
                key = (kind, event["data"]["object"]["id"])
                if what == "deleted":
                    copy.pop(key)
                else:
                    copy[key] = event["data"]["object"]
            self.assertEqual(sorted((*key, data) for key, data in copy.items()), sorted(flat(self.server.picture, kinds or KINDS)))
        except ExpiredCursorError:
            # What followed was pruned after the export had ended.
            self.assertGreater(self.server.floor, int(after[:8], 16))
        client.close()

    def test_is_of_the_kinds_that_are_asked_for_in_one_request(self) -> None:
        found = list(self.client().export(kinds=["users", "schools"]))
        self.assertEqual(found, flat(self.server.picture, ["schools", "users"]))
        [(_, path, headers, _body)] = self.server.received
        self.assertEqual(path, "/v3.1/export?kinds=users,schools")
        self.assertNotIn("gzip", headers.get("Accept-Encoding", ""))

    def test_goes_on_after_a_page_in_another_process_on_the_same_picture(self) -> None:
        before = flat(self.server.picture)
        pages = self.client().export(page_size=4).pages()
        first = next(pages)
        pages.close()  # type: ignore[attr-defined]
        self.assertEqual((first.records, first.events_after), (before[:4], None))
        self.server.change()
        self.assertEqual(list(self.client().export(cursor=first.cursor)), before[4:])

    def test_raises_when_it_breaks_off_or_ends_early_and_may_not_try_again(self) -> None:
        server = Server()
        self.addCleanup(server.stop)
        whole = HEAD + RECORD
        for answer in (
            cut,
            lambda handler: handler.stream(whole, len(whole)),
            lambda handler: handler.stream(whole, len(whole) - 9),
            lambda handler: handler.stream(whole),
            lambda handler: handler.send(200, whole),
            lambda handler: handler.send(200, b""),
        ):
            server.answers = [answer]
            found: List[Any] = []
            with self.assertRaises(ConnectionFailedError):
                for each in self.client(server.url, retry_budget=0).export(page_size=1):
                    found.append(each)
            self.assertLessEqual(len(found), 1)
        server.answers = [problem(429, "rate-limited", Retry_After="7")]
        with self.assertRaises(RateLimitedError):
            list(self.client(server.url, retry_budget=0).export())

    def test_raises_when_it_never_comes_further(self) -> None:
        server = Server()
        self.addCleanup(server.stop)
        server.answers = [lambda handler: handler.stream(HEAD)]
        client = self.client(server.url)
        with self.assertRaises(ConnectionFailedError):
            list(client.export())
        self.assertGreater(len(server.received), 5)
        self.assertEqual(server.received[1][1], "/v3.1/export?at=0")

    def test_raises_when_a_line_is_missing_or_is_none(self) -> None:
        server = Server()
        self.addCleanup(server.stop)
        end = b'{"end":{"records":2,"events":"/v3.1/events?starting_after=1"}}\n'
        for text, said in ((HEAD + RECORD + end, "has left out records"), (b"<p>A proxy.</p>\n", "no JSON")):
            server.received.clear()
            server.answers = [lambda handler, text=text: handler.stream(text)]  # type: ignore[misc]
            with self.assertRaisesRegex(HallpassError, said):
                list(self.client(server.url).export())
            self.assertEqual(len(server.received), 1)

    def test_takes_too_long_when_nothing_comes(self) -> None:
        server = Server()
        self.addCleanup(server.stop)
        ended = self.client(server.url, timeout=0.05, retry_budget=0)

        def silent(handler: Any) -> None:
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(HEAD + RECORD), HEAD + RECORD))
            handler.wfile.flush()
            # Until the client has closed the connection.
            handler.rfile.read(1)
            handler.close_connection = True

        server.answers = [silent]
        pages = ended.export(page_size=1).pages()
        self.assertEqual(next(pages).records[0].id, "a")
        with self.assertRaises(TimeoutExceededError):
            next(pages)

    def test_refuses_kinds_that_there_are_not(self) -> None:
        for kinds in ([], ["pets"]):
            with self.assertRaises(ValueError):
                self.client().export(kinds)


if __name__ == "__main__":
    unittest.main()
