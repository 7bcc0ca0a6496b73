"""`scan.json` as typed values: whatever stands in it, a scan or one sentence."""

import json

import pytest

from convlens.errors import InputError
from convlens.scan import read_scan, scan
from convlens.scan.manifest import NAME, read_manifest


@pytest.fixture
def manifest(classifier, source, tmp_path):
    scan(classifier, source, tmp_path / "out")
    return tmp_path / "out" / NAME


COUNTS = {"parts": 1, "documents": 30, "words": 300, "rejected": 3, "first": "line 5: no text"}
WRONG = [
    *(("counts", {**COUNTS, name: value}) for name in COUNTS for value in (None, [], {}, -1, 1.5, True, 1e999)),
    *(("counts", {k: v for k, v in COUNTS.items() if k != "first"} | {odd: 1}) for odd in ("odd", "Parts")),
    *(("counts", value) for value in (None, [], "x", 3)),
    *(("complete", value) for value in (None, 1, "yes", False, [])),
    *(("format", value) for value in (None, "1", 1.5, [], 10**400, "x" * 4000)),
    *(("kind", value) for value in (None, 3, ["convlens scan"], "convlens scans")),
    *(("fingerprint", value) for value in (None, [], "x", [["a", 1]], {"a": json.loads("[" * 60 + "]" * 60)})),
    ("odd", 1),
]  # fmt: skip


def test_a_field_of_a_wrong_type_is_refused_in_a_sentence(manifest):
    content = json.loads(manifest.read_text())
    for name, value in WRONG:
        manifest.write_text(json.dumps(content | {name: value}))
        with pytest.raises(InputError) as caught:
            read_scan(manifest.parent)
        said = str(caught.value)
        assert len(said) <= 280
        assert "not a folder that a scan wrote" in said or "this ConvLens reads format 1" in said, (
            name,
            value,
        )


def test_a_field_that_is_missing_is_named(manifest):
    content = json.loads(manifest.read_text())
    for name in content:
        manifest.write_text(json.dumps({key: value for key, value in content.items() if key != name}))
        with pytest.raises(InputError, match=name):
            read_manifest(manifest.parent)


def test_a_huge_manifest_is_not_read(manifest):
    with manifest.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(InputError, match="1,099,511,627,776 bytes"):
        read_manifest(manifest.parent)
