"""Python packages made on the spot, for pip without an index."""

import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

BACKEND = """
def build_wheel(*_): raise SystemExit("it cannot be built")
build_sdist = build_wheel
"""
PROJECT = """
[project]
name = "{name}"
version = "{version}"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def wheel(folder: Path, name: str, version: str, files: dict[str, str], commands: str = "") -> Path:
    """A package with these files; `commands` as entry_points.txt has them below its heading."""
    folder.mkdir(exist_ok=True)
    word = name.replace("-", "_")
    path = folder / f"{word}-{version}-py3-none-any.whl"
    info = f"{word}-{version}.dist-info"
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "entry_points.txt": f"[console_scripts]\n{commands}\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as made:
        for file, text in files.items() | {(f"{info}/{k}", text) for k, text in about.items()}:
            made.writestr(file, text)
    return path


def broken(folder: Path, name: str, version: str) -> Path:
    """The source of a package that cannot be built."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}.tar.gz"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    project = PROJECT.format(name=name, version=version)
    with tarfile.open(path, "w:gz") as made:
        for file, text in (
            ("PKG-INFO", about),
            ("pyproject.toml", project),
            ("backend.py", BACKEND),
        ):
            entry = tarfile.TarInfo(f"{name}-{version}/{file}")
            entry.size = len(text)
            made.addfile(entry, BytesIO(text.encode()))
    return path
