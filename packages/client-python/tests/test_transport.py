from __future__ import annotations

import unittest
import warnings

from hallpass import (
    ApiError,
    AuthenticationError,
    ConnectionFailedError,
    ExpiredCursorError,
    Hallpass,
    HallpassApp,
    HallpassDeprecation,
    HallpassError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    TimeoutExceededError,
    UnavailableError,
)
from servers import Server, VirtualClock, cut, cut_short, ok, problem

PAGE = ok({"data": [{"data": {"id": "a"}, "uri": "/v3.1/schools/a"}], "links": []})


class TransportTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.clock = VirtualClock()

    def client(self, **options):
        client = Hallpass("hptok_1", url=self.server.url, clock=self.clock, **options)
        self.addCleanup(client.close)
        return client

    def app(self):
        app = HallpassApp("id", "s", url=self.server.url, data_api_url=self.server.url, clock=self.clock)
        self.addCleanup(app.close)
        return app

    def test_waits_and_asks_again(self) -> None:
        for name, answer, wait in [
            ("429, by its Retry-After", problem(429, "rate-limited", Retry_After="8"), 9.0),
            ("503, by its Retry-After", problem(503, "grant-narrowing", Retry_After="4"), 4.5),
            ("a date that is over", problem(429, "x", Retry_After="Wed, 01 Jan 2020 00:00:00 GMT"), 0.125),
            ("429 without Retry-After", problem(429, "rate-limited"), 0.1875),
            ("a proxy's 502", problem(502, "bad"), 0.1875),
            ("a cut connection", cut, 0.1875),
            ("an answer that is cut short", cut_short, 0.1875),
            ("an answer that is no JSON", lambda handler: handler.send(200, b"<p>"), 0.1875),
        ]:
            with self.subTest(name):
                self.server.answers, self.clock.waits = [answer, PAGE], []
                self.assertEqual(list(self.client().schools.list()), [{"id": "a"}])
                self.assertEqual(self.clock.waits, [wait])

    def test_does_not_wait_beyond_the_budget(self) -> None:
        self.server.answers = [cut]
        with self.assertRaises(ConnectionFailedError):
            self.client(retry_budget=5.0).me()
        self.assertEqual(self.clock.waits, [0.1875, 0.375, 0.75, 1.5])
        self.server.answers, self.clock.waits = [problem(429, "rate-limited", Retry_After="3600")], []
        with self.assertRaises(RateLimitedError) as caught:
            self.client().me()
        self.assertEqual((caught.exception.retry_after, self.clock.waits), (3600.0, []))

    def test_names_a_refusal(self) -> None:
        for status, code, kind in [
            (400, "request-invalid", ApiError),
            (401, "grant-paused", AuthenticationError),
            (403, "address-not-allowed", PermissionDeniedError),
            (404, "not-found", NotFoundError),
            (410, "cursor-expired", ExpiredCursorError),
            (500, "unexpected", UnavailableError),
        ]:
            with self.subTest(code):
                self.server.answers = [problem(status, code)]
                with self.assertRaises(kind) as caught:
                    self.client().users.get("x")
                error = caught.exception
                self.assertEqual((error.status, error.code, error.request_id), (status, code, "req_1"))
                said = f"GET /v3.1/users/x answered {status} {code}: A detail. (request req_1)"
                self.assertEqual(str(error), said)
        self.assertEqual(self.clock.waits, [])

    def test_never_repeats_what_may_have_been_done(self) -> None:
        for answer, kind in [(problem(503, "x", Retry_After="1"), UnavailableError), (cut, ConnectionFailedError)]:
            self.server.answers = [answer, ok({})]
            with self.assertRaises(kind):
                self.app().rotate_token("t")
        self.assertEqual(self.clock.waits, [])
        self.server.answers = [problem(429, "rate-limited", Retry_After="1"), ok({"id": "new"})]
        self.assertEqual(self.app().rotate_token("t"), {"id": "new"})

    def test_gives_an_attempt_only_so_long(self) -> None:
        import threading

        ends = threading.Event()
        self.addCleanup(ends.set)
        self.server.answers = [lambda handler: ends.wait(30) and None]
        with self.assertRaises(TimeoutExceededError):
            self.client(timeout=0.05, retry_budget=0).me()

    def test_uses_a_connection_again_and_forgives_one_that_was_closed(self) -> None:
        def then_close(handler):
            PAGE(handler)
            handler.close_connection = True

        client = self.client()
        self.server.answers = [PAGE, then_close, PAGE]
        for _ in range(4):
            self.assertEqual(len(list(client.schools.list())), 1)
        self.assertEqual(self.clock.waits, [])

    def test_sends_the_token_to_one_place_alone(self) -> None:
        self.server.answers = [lambda handler: handler.send(302, {}, {"Location": "http://127.0.0.1:9/"})]
        with self.assertRaises(ApiError):
            self.client().me()
        self.assertEqual(self.server.received[0][2]["Authorization"], "Bearer hptok_1")
        for cursor in ["http://127.0.0.1:9/v3.1/users", "//127.0.0.1:9/users", "users", "/a\r\nb: c"]:
            with self.assertRaises(ValueError):
                list(self.client().users.list(cursor=cursor))
        self.assertEqual(len(self.server.received), 1)

    def test_keeps_secrets_out_of_what_is_printed(self) -> None:
        self.server.answers = [problem(401, "token-revoked")]
        with self.assertRaises(AuthenticationError) as caught:
            self.client().me()
        for each in (self.client(), self.app(), caught.exception):
            self.assertNotIn("hptok_1", repr(each) + str(each))

    def test_fetches_the_token_anew_when_it_was_replaced(self) -> None:
        def token(secret: str):
            return ok({"data": [{"owner": {"id": "d"}, "access_token": secret}], "links": []})

        own = self.app().client("d")
        self.addCleanup(own.close)
        self.server.answers = [token("one"), PAGE, problem(401, "token-rotated"), token("two"), PAGE]
        for _ in range(2):
            list(own.schools.list())
        asked = [(path.split("?")[0], headers["Authorization"]) for _, path, headers, _ in self.server.received]
        self.assertEqual(
            asked,
            [
                ("/oauth/tokens", "Basic aWQ6cw=="),
                ("/v3.1/schools", "Bearer one"),
                ("/v3.1/schools", "Bearer one"),
                ("/oauth/tokens", "Basic aWQ6cw=="),
                ("/v3.1/schools", "Bearer two"),
            ],
        )
        self.server.answers = [problem(401, "token-revoked"), token("two")]
        with self.assertRaises(AuthenticationError):
            own.me()
        self.server.answers = [ok({"data": [], "links": []})]
        with self.assertRaisesRegex(HallpassError, "shares nothing"):
            self.app().client("gone").me()

    def test_takes_one_credential_and_an_address(self) -> None:
        for arguments in [{}, {"token": "a", "api_key": "b"}]:
            with self.assertRaises(TypeError):
                Hallpass(**arguments)
        with self.assertRaises(ValueError):
            Hallpass("a", url="example.com")

    def test_warns_once_and_once_more_when_the_day_moves(self) -> None:
        def until(day: str):
            headers = {"Deprecation": "@1788220800", "Sunset": day, "Link": '<https://docs.example/keys>; rel="deprecation"'}
            return ok({"data": [], "links": []}, **headers)

        client = self.client()
        self.server.answers = [until("1 Feb"), until("1 Feb"), until("1 Mar")]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(4):
                list(client.schools.list())
        said = "Hallpass: the credential in use is deprecated and stops working on {}. See https://docs.example/keys"
        self.assertEqual([str(each.message) for each in caught], [said.format("1 Feb"), said.format("1 Mar")])
        self.assertEqual({each.category for each in caught}, {HallpassDeprecation})
        self.assertEqual({each.filename for each in caught}, {__file__})

    def test_takes_a_key_of_older_days_and_warns(self) -> None:
        self.server.answers = [PAGE]
        with self.assertWarns(HallpassDeprecation):
            client = Hallpass(api_key="hpkey_1", url=self.server.url)
        self.addCleanup(client.close)
        list(client.schools.list())
        self.assertEqual(self.server.received[0][2]["Authorization"], "Basic aHBrZXlfMTo=")


if __name__ == "__main__":
    unittest.main()
