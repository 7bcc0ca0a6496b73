"""Outputs as their readers read them, and as bytes."""

import hashlib
from pathlib import Path

import polars as pl

from convlens.files import recover
from convlens.models import load
from convlens.scan import read_scan

TIMES = {"README.md", "config.json"}  # of a model: they tell when and how long it was trained


def read(path: Path) -> None:
    """Read an output to its end."""
    if path.suffix == ".parquet":
        pl.read_parquet(path)
    elif path.suffix == ".jsonl":
        pl.read_ndjson(path)
    elif path.suffix == ".html":
        assert path.read_text(encoding="utf-8").rstrip().endswith(("</html>", "</div>"))
    else:
        recover(path)
        _read_folder(path)


def _read_folder(path: Path) -> None:
    if (path / "evaluation.json").exists():
        for table in path.glob("*.parquet"):
            pl.read_parquet(table)
    elif (path / "scan.json").exists():
        for frame in read_scan(path):
            frame.collect()
    else:
        load(path)


def digests(path: Path) -> dict[str, str]:
    """The hash of every file of an output, by its name; none where it is absent."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    left_out = TIMES if (path / "config.json").exists() else set()
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files if p.name not in left_out}
