"""Builds the wheel of this package (PEP 517, PEP 427): pure Python, without a network, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

HERE = Path(__file__).resolve().parent
NAME = "hallpass"
WHEEL = "Wheel-Version: 1.0\nGenerator: wheel_of_this\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def get_requires_for_build_wheel(config_settings: Optional[Dict[str, Any]] = None) -> List[str]:
    return []


def get_requires_for_build_sdist(config_settings: Optional[Dict[str, Any]] = None) -> List[str]:
    return []


def build_wheel(
    wheel_directory: str,
    config_settings: Optional[Dict[str, Any]] = None,
    metadata_directory: Optional[str] = None,
) -> str:
    """Writes the wheel to that folder; its name."""
    version = field("version")
    info = f"{NAME}-{version}.dist-info"
    files = [(f"{NAME}/{path.name}", path.read_bytes()) for path in _sources()]
    files += [
        (f"{info}/METADATA", _metadata().encode()),
        (f"{info}/WHEEL", WHEEL.encode()),
        (f"{info}/licenses/LICENSE", (HERE / "LICENSE").read_bytes()),
    ]
    record = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files]
    files.append((f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]).encode()))
    wheel = f"{NAME}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return wheel


def build_sdist(sdist_directory: str, config_settings: Optional[Dict[str, Any]] = None) -> str:
    """Writes the source distribution to that folder; its name."""
    base = f"{NAME}-{field('version')}"
    plain = [HERE / name for name in ("LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", Path(__file__).name)]
    files: List[Tuple[str, bytes]] = [(path.relative_to(HERE).as_posix(), path.read_bytes()) for path in plain]
    files += [(path.relative_to(HERE).as_posix(), path.read_bytes()) for path in _sources()]
    files.append(("PKG-INFO", _metadata().encode()))
    with tarfile.open(Path(sdist_directory) / f"{base}.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files:
            entry = tarfile.TarInfo(f"{base}/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return f"{base}.tar.gz"


def field(name: str) -> str:
    """A text of pyproject.toml. Its few lines are read as they stand: Python has had a reader only since 3.11."""
    for line in (HERE / "pyproject.toml").read_text("utf-8").splitlines():
        key, _, value = line.partition(" = ")
        if key == name:
            return value.strip('"')
    raise KeyError(name)


def _sources() -> List[Path]:
    return sorted(path for path in (HERE / "src" / NAME).iterdir() if path.suffix == ".py" or path.name == "py.typed")


def _metadata() -> str:
    head = {
        "Metadata-Version": "2.4",
        "Name": NAME,
        "Version": field("version"),
        "Summary": field("description"),
        "License-Expression": field("license"),
        "License-File": "LICENSE",
        "Requires-Python": field("requires-python"),
        "Description-Content-Type": "text/markdown",
    }
    lines = "".join(f"{name}: {value}\n" for name, value in head.items())
    return f"{lines}\n{(HERE / 'README.md').read_text('utf-8')}"


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
