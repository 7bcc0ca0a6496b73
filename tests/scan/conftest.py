"""What the tests of scans share: a file of reviews, some rows unusable, and folders compared byte for byte."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.toys import toy_corpus

from convlens.scan import ScanConfig

BAD = {5: '{"text": null}', 6: '{"text": "half \\ud800"}', 20: "{broken"}  # by line, from 1
ODD = ["\u200b", "nul \0 good", "\x1b[31m <b>dull</b> \u202e film", "é 👍🏽 superb " * 30]
SMALL = ScanConfig(rows=8)


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Texts that can be used, in their order."""
    return [*toy_corpus(26).texts, *ODD]


@pytest.fixture
def source(texts: list[str], tmp_path: Path) -> Path:
    lines = [json.dumps({"text": text}) for text in texts]
    for line, bad in BAD.items():
        lines.insert(line - 1, bad)
    path = tmp_path / "reviews.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def content() -> Callable[[Path], dict[str, bytes]]:
    """The name and bytes of every file of a folder."""
    return lambda folder: {path.name: path.read_bytes() for path in folder.iterdir()}
