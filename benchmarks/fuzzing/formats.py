"""Rows of text and label written in every format that is read."""

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

Rows = list[tuple[str, str]]


def write_csv(path: Path, rows: Rows, rng: random.Random) -> None:
    """CSV with whatever line ends, all fields in quotes or those that need them, with a byte order mark or none."""
    always, end = rng.random() < 0.5, rng.choice([b"\n", b"\r\n"])
    lines = [csv_line(row, always=always) for row in [("text", "label"), *rows]]
    path.write_bytes(rng.choice([b"", b"", b"\xef\xbb\xbf"]) + end.join(lines) + rng.choice([b"", end]))


def csv_line(fields: Sequence[str], *, always: bool = False) -> bytes:
    """A row of CSV; the standard library quotes only those ends of lines that it writes."""
    quoted = ('"' + field.replace('"', '""') + '"' for field in fields)
    plain = (
        field if not always and not set(field) & set(',"\r\n') else quote
        for field, quote in zip(fields, quoted, strict=True)
    )
    return ",".join(plain).encode()


def write_tsv(path: Path, rows: Rows, rng: random.Random) -> None:
    """Fields with tabs between them, and nothing quoted."""
    lines = ["text\tlabel", *("\t".join(row) for row in rows)]
    path.write_bytes(rng.choice(["\n", "\r\n"]).join(lines).encode())


def write_jsonl(path: Path, rows: Rows, rng: random.Random) -> None:
    """An object a line, escaped or not."""
    escaped = rng.random() < 0.5
    lines = [json.dumps({"text": text, "label": label}, ensure_ascii=escaped) for text, label in rows]
    path.write_bytes("\n".join(lines).encode())


def write_json(path: Path, rows: Rows, rng: random.Random) -> None:
    """A list of objects."""
    values = [{"text": text, "label": label} for text, label in rows]
    path.write_text(json.dumps(values, indent=rng.choice([None, 1])), encoding="utf-8")


def write_plain(path: Path, rows: Rows, rng: random.Random) -> None:
    """A text a line."""
    path.write_bytes("\n".join(text for text, _ in rows).encode())


def write_frame(path: Path, frame: pl.DataFrame, rng: random.Random) -> None:
    """Parquet, an Arrow file or an Arrow stream."""
    if path.suffix in (".parquet", ".pq"):
        frame.write_parquet(
            path,
            row_group_size=rng.choice([None, 3]),
            compression=rng.choice(["zstd", "snappy", "uncompressed"]),
        )
    elif rng.random() < 0.5:
        frame.write_ipc(path, compression=rng.choice(["uncompressed", "zstd", "lz4"]))
    else:
        frame.write_ipc_stream(path)


def write_columns(path: Path, rows: Rows, rng: random.Random) -> None:
    """Two columns of strings, in any order and with a third beside them."""
    columns = {
        "text": [text for text, _ in rows],
        "label": [label for _, label in rows],
        "id": list(range(len(rows))),
    }
    order = rng.sample(list(columns), 3)
    write_frame(path, pl.DataFrame({name: columns[name] for name in order}), rng)


WRITERS: dict[str, Callable[[Path, Rows, random.Random], None]] = {
    ".csv": write_csv,
    ".tsv": write_tsv,
    ".tab": write_tsv,
    ".jsonl": write_jsonl,
    ".ndjson": write_jsonl,
    ".json": write_json,
    ".txt": write_plain,
    ".parquet": write_columns,
    ".pq": write_columns,
    ".arrow": write_columns,
    ".feather": write_columns,
    ".ipc": write_columns,
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
TYPED = {".parquet", ".pq", ".arrow", ".feather", ".ipc"}


def packed(path: Path, rng: random.Random) -> Path:
    """The file compressed, under its own name or with the suffix of that too."""
    suffix = rng.choice(list(PACKERS))
    path.write_bytes(PACKERS[suffix](path.read_bytes()))
    return path.rename(f"{path}{suffix}") if rng.random() < 0.8 else path
