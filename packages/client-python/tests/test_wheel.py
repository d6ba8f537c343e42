from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import hallpass
import wheel_of_this
from servers import RosterServer

HERE = Path(wheel_of_this.__file__).parent


class WheelTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def wheel(self) -> str:
        return str(Path(self.folder) / wheel_of_this.build_wheel(self.folder))

    def run_python(self, *arguments: str, **environment: str) -> str:
        env = {"PATH": os.environ.get("PATH", ""), "HOME": self.folder, **environment}
        ran = subprocess.run([sys.executable, *arguments], env=env, cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def test_holds_what_its_record_says(self) -> None:
        with zipfile.ZipFile(self.wheel()) as archive:
            names = archive.namelist()
            info = next(name for name in names if name.endswith("/RECORD"))
            lines = [line.rsplit(",", 2) for line in archive.read(info).decode().splitlines()]
            self.assertEqual([name for name, _, _ in lines], names)
            for name, digest, size in lines[:-1]:
                data = archive.read(name)
                found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                self.assertEqual((digest, size), (f"sha256={found}", str(len(data))))
            self.assertIn("hallpass/py.typed", names)
            metadata = archive.read(info.replace("RECORD", "METADATA")).decode()
        self.assertIn(f"Version: {hallpass.__version__}\n", metadata)
        self.assertEqual(wheel_of_this.field("version"), hallpass.__version__)

    def test_is_the_same_each_time(self) -> None:
        first = Path(self.wheel()).read_bytes()
        self.assertEqual(Path(self.wheel()).read_bytes(), first)

    def test_is_used_from_the_wheel_and_its_first_sample_runs(self) -> None:
        server = RosterServer()
        self.addCleanup(server.stop)
        import random

        server.reset(random.Random(1), [2, 1, 1, 3, 2, 0], 0.0)
        sample = re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text("utf-8"), re.S)[0]
        environment = {"HALLPASS_TOKEN": "hptok_test", "HALLPASS_DATA_API_URL": server.url}
        said = self.run_python("-c", sample, PYTHONPATH=self.wheel(), **environment)
        self.assertEqual(said, "3 users, 9 records in the copy\n")

    # A bare Debian's Python has no pip; CI installs it.
    @unittest.skipUnless(importlib.util.find_spec("pip") or "CI" in os.environ, "there is no pip")
    def test_is_installed_by_pip_without_a_network(self) -> None:
        offline = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
        self.run_python("-m", "pip", "install", "--quiet", "--target", "site", str(HERE), **offline)
        where = str(Path(self.folder) / "site")
        said = self.run_python("-c", "import hallpass; print(hallpass.__version__)", PYTHONPATH=where)
        self.assertEqual(said, f"{hallpass.__version__}\n")

    def test_is_written_for_python_3_9(self) -> None:
        import ast

        for path in sorted((HERE / "src" / "hallpass").glob("*.py")):
            ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 9))


if __name__ == "__main__":
    unittest.main()
