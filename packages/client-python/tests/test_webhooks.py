from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import time
import unittest
from pathlib import Path
from typing import Any, Dict
from unittest import mock

from hallpass import WebhookVerificationError, verify_webhook

# The example of the Standard Webhooks specification, signed by its reference library and not by this one.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
NOW = 1614265330


def other() -> str:
    return "whsec_" + base64.b64encode(os.urandom(24)).decode()


class WebhooksTest(unittest.TestCase):
    def check(self, secret=SECRET, headers=HEADERS, body=BODY, now=NOW):
        return verify_webhook(secret, headers, body, now=now)

    def test_takes_what_is_signed(self) -> None:
        event = json.loads(BODY)
        signature = HEADERS["webhook-signature"]
        for given in [
            {},
            {"body": BODY.decode()},
            {"headers": {name.title(): value for name, value in HEADERS.items()}},
            {"headers": {**HEADERS, "webhook-signature": f"v1,AAAA v2,x {signature}"}},
            {"secret": [other(), SECRET]},
            {"secret": SECRET[6:]},
            {"now": NOW + 300},
        ]:
            with self.subTest(given):
                self.assertEqual(self.check(**given), event)

    def test_refuses_what_is_not(self) -> None:
        for given in [
            {"secret": other()},
            {"body": BODY + b" "},
            {"headers": {**HEADERS, "webhook-id": "other"}},
            {"headers": {**HEADERS, "webhook-timestamp": "1614265331"}},
            {"headers": {**HEADERS, "webhook-timestamp": "nan"}},
            {"headers": {**HEADERS, "webhook-signature": "v1,é"}},
            {"headers": {**HEADERS, "webhook-signature": HEADERS["webhook-signature"].replace("v1", "v2")}},
            {"headers": {"webhook-id": "a"}},
            {"now": NOW + 301},
            {"now": NOW - 301},
        ]:
            with self.subTest(given):
                with self.assertRaises(WebhookVerificationError):
                    self.check(**given)

    def test_says_so_when_the_secret_is_none(self) -> None:
        for secret in ["whsec_", "whsec_*"]:
            with self.assertRaises(ValueError):
                self.check(secret=secret)

    def test_is_called_as_the_readme_says(self) -> None:
        readme = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")
        names: Dict[str, Any] = {}
        exec(re.findall(r"```python\n(.*?)```", readme, re.S)[2], names)
        timestamp = str(int(time.time()))
        signed = f"e1.{timestamp}.".encode() + BODY
        digest = hmac.new(base64.b64decode(SECRET[6:]), signed, hashlib.sha256).digest()
        headers = {
            "webhook-id": "e1",
            "webhook-timestamp": timestamp,
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }
        with mock.patch.dict(os.environ, WEBHOOK_SECRET=SECRET):
            self.assertEqual(names["receive"](headers, BODY), json.loads(BODY))


if __name__ == "__main__":
    unittest.main()
