from __future__ import annotations

import os
import random
import unittest
from typing import Any, Dict, Optional, Tuple

from hallpass import KINDS, Hallpass, SyncStep
from servers import RosterServer, VirtualClock

RUNS = 150


class Copy:
    """What a partner keeps: rows with the mark of the pull, and the checkpoint."""

    def __init__(self) -> None:
        self.rows: Dict[Tuple[str, str], Tuple[Any, str]] = {}
        self.checkpoint: Optional[str] = None

    def apply(self, step: SyncStep) -> None:
        for kind, record_id, data in step.upserts:
            self.rows[kind, record_id] = (data, step.pull)
        for key in step.deletes:
            self.rows.pop((key.kind, key.id), None)
        if step.is_complete:
            self.rows = {key: row for key, row in self.rows.items() if row[1] == step.pull}

    @property
    def picture(self) -> Dict[Tuple[str, str], Any]:
        return {key: data for key, (data, _) in self.rows.items()}


class SyncTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = RosterServer()
        self.addCleanup(self.server.stop)

    def sync(self, **options: Any):
        client = Hallpass("hptok_test", url=self.server.url, clock=VirtualClock())
        try:
            yield from client.sync(**options)
        finally:
            client.close()

    def picture(self, kinds=KINDS):
        return {(kind, i): data for kind in kinds for i, data in self.server.picture[kind].items()}

    def test_ends_with_the_servers_picture_whatever_happens_on_the_way(self) -> None:
        first = int(os.environ.get("HALLPASS_TEST_SEED") or random.randrange(1 << 32))
        for seed in range(first, first + RUNS):
            with self.subTest(f"HALLPASS_TEST_SEED={seed}"):
                self.check(random.Random(seed))

    def check(self, chance: random.Random) -> None:
        server_chance = random.Random(chance.random())
        self.server.reset(server_chance, [chance.randrange(14) for _ in KINDS], chance.choice([0.1, 0.3, 0.5]))
        page_size, copy = chance.randint(1, 7), Copy()
        for _ in range(chance.randrange(6)):
            # The process that syncs dies after so many steps, perhaps before it has kept the last checkpoint.
            left, is_kept = chance.randrange(8), chance.random() < 0.5
            try:
                for step in self.sync(checkpoint=copy.checkpoint, page_size=page_size):
                    copy.apply(step)
                    if left > 0 or is_kept:
                        copy.checkpoint = step.checkpoint
                    if left == 0:
                        break
                    left -= 1
            except Exception as error:
                # Pictures that go faster than they can be read are given up, and nothing else is.
                self.assertIn(getattr(error, "code", error), {"cursor-expired", "events-expired"})
        self.server.trouble = 0.0
        for step in self.sync(checkpoint=copy.checkpoint, page_size=page_size):
            copy.apply(step)
        self.assertEqual(copy.picture, self.picture())

    def test_loses_nothing_of_a_roster_that_was_empty_when_the_pull_began(self) -> None:
        self.server.reset(random.Random(1), [0] * 6, 0.0)
        copy = Copy()
        for step in self.sync(page_size=50):
            copy.apply(step)
            if step.phase == "full" and not step.is_complete:
                self.server.change()
        self.assertEqual(copy.picture, self.picture())
        self.assertGreater(len(copy.rows), 0)

    def test_asks_for_nothing_twice_after_a_full_pull(self) -> None:
        self.server.reset(random.Random(1), [2, 0, 0, 5, 0, 0], 0.0)
        copy = Copy()
        for step in self.sync():
            copy.checkpoint = step.checkpoint
        self.server.received.clear()
        self.assertEqual(list(self.sync(checkpoint=copy.checkpoint)), [])
        self.assertEqual(len(self.server.received), 1)

    def test_pulls_anew_when_other_kinds_are_wanted(self) -> None:
        self.server.reset(random.Random(1), [2, 0, 0, 5, 0, 0], 0.0)
        copy = Copy()
        for kinds in (KINDS, ("users",)):
            for step in self.sync(checkpoint=copy.checkpoint, kinds=kinds):
                copy.apply(step)
                copy.checkpoint = step.checkpoint
        self.assertEqual(copy.picture, self.picture(("users",)))

    def test_refuses_what_is_no_checkpoint(self) -> None:
        for checkpoint in ["", "{}", "[]", "not one", '{"v":2}']:
            with self.assertRaises(ValueError):
                list(self.sync(checkpoint=checkpoint))


if __name__ == "__main__":
    unittest.main()
