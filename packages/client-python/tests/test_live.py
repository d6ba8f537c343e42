"""Against the real services on a real Postgres, started as ``npm start`` does, with their demo."""

from __future__ import annotations

import itertools
import json
import os
import queue
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Dict, List

from hallpass import (
    KINDS,
    AuthenticationError,
    Hallpass,
    HallpassApp,
    HallpassDeprecation,
    NotFoundError,
    WebhookVerificationError,
    verify_webhook,
)
from test_sync import Copy

ROOT = Path(__file__).resolve().parents[3]


def free_ports(count: int) -> List[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class LiveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.mkdtemp(prefix="hallpass-python-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        # Root's database runs as another user, which has to be able to walk in.
        os.chmod(cls.folder, 0o755)
        ports = dict(zip(("TOKEN_SERVICE_PORT", "DATA_API_PORT", "ADMIN_PORT"), map(str, free_ports(3))))
        cls.env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        cls.env.update(ports, HALLPASS_FOLDER=str(Path(cls.folder) / ".hallpass"), METRICS_PORT="0")
        launcher = str(ROOT / "packages/launcher/dist/main.js")
        cls.process = subprocess.Popen(
            ["node", launcher],
            cwd=ROOT,
            env=cls.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        cls.addClassCleanup(cls.stop)
        said = ""
        for line in cls.process.stdout:
            said += line
            if "is ready" in line:
                break
        else:
            raise AssertionError(f"it ended:\n{said}")
        # It must never wait for somebody to read what it says.
        threading.Thread(target=cls.process.stdout.read, daemon=True).start()
        cls.demo = json.loads((Path(cls.folder) / ".hallpass/demo.json").read_text("utf-8"))
        cls.own = cls.demo["apps"][0]
        cls.district = cls.own["districts"][0]
        urls = {"url": cls.demo["tokenService"], "data_api_url": cls.demo["dataApi"]}
        cls.app = HallpassApp(cls.own["clientId"], cls.own["clientSecret"], **urls)
        cls.addClassCleanup(cls.app.close)
        cls.client = Hallpass(cls.district["token"], url=cls.demo["dataApi"])
        cls.addClassCleanup(cls.client.close)

    @classmethod
    def stop(cls) -> None:
        cls.process.terminate()
        cls.process.wait()
        cls.process.stdout.close()

    def hallpass(self, *arguments: str) -> Any:
        command = ["node", str(ROOT / "packages/cli/bin/hallpass.js"), *arguments, "--json"]
        ran = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def grant(self) -> Dict[str, Any]:
        own = next(each for each in self.hallpass("app", "list")["data"] if each["clientId"] == self.own["clientId"])
        grants = self.hallpass("grant", "list", "--district", self.district["id"])["data"]
        return next(each for each in grants if each["appId"] == own["id"])

    def test_1_a_client_for_each_district(self) -> None:
        found = {}
        for district_id, client in self.app.clients():
            found[district_id] = client.district()["id"]
            client.close()
        ids = [each["id"] for each in self.own["districts"]]
        self.assertEqual(found, dict(zip(ids, ids)))

    def test_2_lists_and_records(self) -> None:
        students = list(self.client.users.list(role="student", page_size=100))
        self.assertEqual(len({each["id"] for each in students}), self.client.users.list(role="student").count())
        first = next(self.client.users.list(role="student", page_size=100).pages())
        self.assertEqual(list(self.client.users.list(cursor=first.cursor)), students[100:])
        section = next(iter(self.client.sections.list(page_size=10)))
        self.assertEqual(self.client.sections.get(section["id"]), section)
        self.assertEqual(self.client.sections.school(section["id"])["id"], section["school"])
        learners = {each["id"] for each in self.client.sections.users(section["id"], role="student")}
        self.assertEqual(learners, set(section["students"]))
        named = next(iter(self.client.users.list(fields=["name.last"])))
        self.assertEqual(set(named), {"id", "district", "name"})
        with self.assertRaises(NotFoundError):
            self.client.users.get("0" * 24)
        self.assertEqual(self.client.access()["districts"][0]["id"], self.district["id"])

    def test_2_an_export_is_what_the_lists_have_and_hands_over_to_events(self) -> None:
        found: Dict[str, List[Any]] = {kind: [] for kind in KINDS}
        for page in self.client.export(page_size=100).pages():
            for kind, _, data in page.records:
                found[kind].append(data)
        self.assertEqual(found, {kind: list(getattr(self.client, kind).list()) for kind in KINDS})
        self.assertGreater(len(found["users"]), 300)
        self.assertEqual(list(self.client.events.list(page.events_after)), [])
        cursor = next(self.client.export(["users"], page_size=50).pages()).cursor
        self.assertEqual([each.data for each in self.client.export(cursor=cursor)], found["users"][50:])

    def test_3_a_copy_is_what_the_next_pull_would_be(self) -> None:
        copy = Copy()
        for step in self.client.sync(page_size=500):
            copy.apply(step)
            copy.checkpoint = step.checkpoint
        self.assertTrue(step.is_complete)
        self.assertEqual(list(self.client.sync(copy.checkpoint)), [])
        before = len(copy.rows)
        school = next(iter(self.client.schools.list()))
        self.hallpass("grant", "narrow", self.grant()["id"], "--schools", school["id"])
        for step in self.client.sync(copy.checkpoint, page_size=500):
            self.assertEqual(step.phase, "changes")
            copy.apply(step)
        anew = Copy()
        for step in self.client.sync():
            anew.apply(step)
        self.assertEqual(copy.picture, anew.picture)
        self.assertLess(len(copy.rows), before)

    def test_4_a_rotated_token_is_fetched_anew(self) -> None:
        own = self.app.client(self.district["id"])
        self.addCleanup(own.close)
        self.assertEqual(own.me()["district"], self.district["id"])
        token = next(self.app.tokens(district=self.district["id"]))
        self.app.rotate_token(token["id"], grace_seconds=0)
        with self.assertRaises(AuthenticationError) as caught:
            self.client.me()
        self.assertEqual(caught.exception.code, "token-rotated")
        self.assertRegex(caught.exception.request_id or "", "^req_")
        self.assertEqual(own.me()["district"], self.district["id"])

    def test_5_a_real_delivery_is_verified(self) -> None:
        came: "queue.Queue[Any]" = queue.Queue()

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                came.put((dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Receiver)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), thread.join(), server.server_close()))
        made = self.app.webhooks.create(f"http://127.0.0.1:{server.server_address[1]}/hooks", ["grant.requested"])
        self.app.webhooks.test(made["id"])
        headers, body = came.get(timeout=30)
        self.assertEqual(verify_webhook(made["secret"], headers, body)["type"], "webhook.test")
        with self.assertRaises(WebhookVerificationError):
            verify_webhook(made["secret"], headers, body.replace(b"webhook.test", b"grant.paused"))
        self.app.webhooks.delete(made["id"])
        self.assertEqual(self.app.webhooks.list(), [])

    def test_6_platform_events_are_told(self) -> None:
        page = next(self.app.follow_platform_events(types=["token.issued"], wait=0))
        self.assertTrue(all(event["type"] == "token.issued" for event in page["data"]))
        self.assertGreater(len(page["data"]), 0)
        self.assertEqual(self.app.platform_events(after=page["next"], types=["key.refused"])["data"], [])

    def test_7_a_key_of_older_days_warns_of_its_end(self) -> None:
        keyed = next(each for each in self.demo["apps"] if "apiKey" in each)
        with self.assertWarns(HallpassDeprecation):
            old = Hallpass(api_key=keyed["apiKey"], url=self.demo["dataApi"])
        self.addCleanup(old.close)
        with self.assertWarnsRegex(HallpassDeprecation, "stops working"):
            self.assertEqual(len(list(old.districts.list())), len(keyed["districts"]))

    def test_9_one_library_goes_on_where_the_other_was(self) -> None:
        client = self.app.client(self.district["id"])
        self.addCleanup(client.close)
        rows: Dict[Any, Any] = {}
        checkpoint: Any = None
        for turn in range(40):
            steps = self.in_node(client, checkpoint) if turn % 2 == 0 else self.in_python(client, checkpoint)
            if not steps:
                break
            for upserts, checkpoint in steps:
                for kind, record_id, data in upserts:
                    self.assertNotIn((kind, record_id), rows)
                    rows[kind, record_id] = data
        anew = Copy()
        for step in client.sync():
            anew.apply(step)
        self.assertEqual(rows, anew.picture)

    def in_python(self, client: Hallpass, checkpoint: Any) -> List[Any]:
        return [(step.upserts, step.checkpoint) for step in itertools.islice(client.sync(checkpoint, page_size=50), 2)]

    def in_node(self, client: Hallpass, checkpoint: Any) -> List[Any]:
        script = """
            const { Hallpass } = await import(process.env.CLIENT);
            const steps = [];
            const checkpoint = process.env.CHECKPOINT || undefined;
            for await (const step of new Hallpass({ token: process.env.TOKEN }).sync({ checkpoint, pageSize: 50 })) {
              steps.push([step.upserts.map(({ kind, id, data }) => [kind, id, data]), step.checkpoint]);
              if (steps.length === 2) break;
            }
            console.log(JSON.stringify(steps));
        """
        token = next(self.app.tokens(district=self.district["id"]))["access_token"]
        own = {
            "CLIENT": (ROOT / "packages/client/dist/esm/index.js").as_uri(),
            "CHECKPOINT": checkpoint or "",
            "TOKEN": token,
            "HALLPASS_DATA_API_URL": self.demo["dataApi"],
        }
        command = ["node", "--input-type=module", "-e", script]
        ran = subprocess.run(command, env={**self.env, **own}, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def test_8_the_sample_of_an_app_runs(self) -> None:
        readme = (ROOT / "packages/client-python/README.md").read_text("utf-8")
        sample = re.findall(r"```python\n(.*?)```", readme, re.S)[1]
        env = {
            **self.env,
            "HALLPASS_CLIENT_ID": self.own["clientId"],
            "HALLPASS_CLIENT_SECRET": self.own["clientSecret"],
            "HALLPASS_TOKEN_SERVICE_URL": self.demo["tokenService"],
            "HALLPASS_DATA_API_URL": self.demo["dataApi"],
        }
        import sys

        ran = subprocess.run([sys.executable, "-c", sample], env=env, capture_output=True, text=True)
        self.assertEqual(len(re.findall(r"^[0-9a-f]{24}: \d+ schools$", ran.stdout, re.M)), len(self.own["districts"]), ran.stderr)


if __name__ == "__main__":
    unittest.main()
