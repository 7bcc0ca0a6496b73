"""A scan stopped anywhere and gone on with is the same folder, byte for byte; nothing half-written counts."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from tests.scan.conftest import SMALL
from tests.toys import toy_corpus

from convlens.errors import InputError
from convlens.files import replacing_file
from convlens.models import save
from convlens.scan import EXISTING, REDUCTIONS, ScanConfig, ScanWatch, parts, read_scan, read_summary, scan
from convlens.trace import backends


class Stop(BaseException):
    """A kill that a test can catch."""


class StopAfter(ScanWatch):
    """Stops the scan after so many parts."""

    def __init__(self, parts):
        self.parts = parts

    def on_part(self, batch, tokens):
        self.parts -= 1
        if self.parts == 0:
            raise Stop


class Counting(ScanWatch):
    """Counts the parts written and those that were there."""

    def __init__(self):
        self.written = self.skipped = 0

    def on_part(self, batch, tokens):
        self.written += 1

    def on_skip(self, batch):
        self.skipped += 1


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 5])
def test_stopped_after_any_part_it_ends_the_same(classifier, source, tmp_path, content, stop):
    whole, resumed, watch = tmp_path / "whole", tmp_path / "resumed", Counting()
    counts = scan(classifier, source, whole, SMALL)
    with pytest.raises(Stop):
        scan(classifier, source, resumed, SMALL, watch=StopAfter(stop))
    assert scan(classifier, source, resumed, SMALL, existing="resume", watch=watch) == counts
    assert (watch.skipped, watch.written) == (stop, 5 - stop)
    assert content(resumed) == content(whole)


@pytest.mark.parametrize("stop", range(1, 15))
def test_stopped_before_any_rename_it_ends_the_same(classifier, source, tmp_path, content, monkeypatch, stop):
    """A part is three files at most; what a kill leaves beside them is no part and is removed."""
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    counts = scan(classifier, source, whole, SMALL)
    left = iter(range(stop))
    replace = os.replace

    def killed(old, new):
        if str(new).endswith(".parquet") and next(left, None) is None:
            resumed.joinpath(os.path.basename(old) + "x").write_bytes(b"what a kill leaves")
            raise Stop
        replace(old, new)

    monkeypatch.setattr(os, "replace", killed)
    try:
        scan(classifier, source, resumed, SMALL)
    except Stop:
        with pytest.raises(InputError, match="is not complete"):
            read_scan(resumed)
    monkeypatch.undo()
    assert scan(classifier, source, resumed, SMALL, existing="resume") == counts
    assert content(resumed) == content(whole)


@pytest.mark.parametrize("damage", ["cut", "empty", "gone"])
@pytest.mark.parametrize("kind", ["documents", "words", "rejects", *REDUCTIONS])
def test_a_damaged_part_is_written_again(classifier, source, tmp_path, content, kind, damage):
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    config = replace(SMALL, summary=True)
    scan(classifier, source, whole, config)
    with pytest.raises(Stop):
        scan(classifier, source, resumed, config, watch=StopAfter(3))
    path = parts.part_file(resumed, kind, 0)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-20] if damage == "cut" else b"")
    watch = Counting()
    scan(classifier, source, resumed, config, existing="resume", watch=watch)
    assert content(resumed) == content(whole)
    assert watch.written == 3


def test_a_lost_summary_comes_back(classifier, source, tmp_path, content):
    out, config = tmp_path / "out", replace(SMALL, summary=True)
    counts = scan(classifier, source, out, config)
    before = content(out)
    for damage in (lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:50])):
        damage(out / "vocabulary.parquet")
        with pytest.raises(InputError, match="has no summary"):
            read_summary(out)
        assert scan(classifier, source, out, config, existing="resume") == counts
        assert content(out) == before
    scan(classifier, source, out, SMALL, existing="replace")  # files of a summary are a scan's
    assert not list(out.glob("vocabulary*"))


def test_a_complete_scan_is_left_as_it_is_and_a_lost_part_comes_back(classifier, source, tmp_path, content):
    out, watch = tmp_path / "out", Counting()
    counts = scan(classifier, source, out, SMALL)
    before = content(out)
    assert scan(classifier, source, out, SMALL, existing="resume", watch=watch) == counts
    assert (watch.written, watch.skipped) == (0, 0)
    part = parts.part_file(out, "documents", 2)
    for damage in (
        part.unlink,
        lambda: part.write_bytes(part.read_bytes()[:99]),
        lambda: part.write_bytes(b""),
    ):
        damage()
        with pytest.raises(InputError, match=r"lacks part 2 of 5: write it again with --resume"):
            read_scan(out)
        scan(classifier, source, out, SMALL, existing="resume")
        assert content(out) == before


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
@pytest.mark.parametrize("existing", EXISTING)
def test_two_scans_into_one_folder_are_kept_apart(classifier, source, tmp_path, content, existing):
    out, tried = tmp_path / "out", []

    class Second(ScanWatch):
        def on_part(self, batch, tokens):
            before = content(out)
            with pytest.raises(InputError, match="out is being written by another scan: wait until it ends"):
                scan(classifier, source, out, SMALL, existing=existing)
            tried.append(content(out) == before)

    counts = scan(classifier, source, out, SMALL, watch=Second())
    assert tried == [True] * 5
    assert scan(classifier, source, out, SMALL, existing="resume") == counts  # and the lock is gone
    scan(classifier, source, tmp_path / "alone", SMALL)
    assert content(out) == content(tmp_path / "alone")


def test_where_folders_cannot_be_locked_scans_go_on(classifier, source, tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def unsupported(handle, operation):
        raise OSError(errno.EBADF, "no locks here")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    assert scan(classifier, source, tmp_path / "out", SMALL).parts == 5


def test_a_backend_that_another_machine_lacks_is_no_reason_to_mix(classifier, source, tmp_path, monkeypatch):
    """`auto` begun with the table is not gone on with by torch, whose last bits may differ."""
    out = tmp_path / "out"
    with pytest.raises(Stop):
        scan(classifier, source, out, SMALL, watch=StopAfter(2))
    monkeypatch.setattr(backends, "compiles", lambda: False)
    with pytest.raises(InputError, match="begun with another backend: "):
        scan(classifier, source, out, SMALL, existing="resume")
    with pytest.raises(InputError, match=r"no slot table here: .* choose the backend torch"):
        scan(classifier, source, tmp_path / "new", replace(SMALL, backend="table"))
    assert not (tmp_path / "new").exists()


def test_another_fingerprint_is_refused(classifier, source, tmp_path, content, monkeypatch):
    out = tmp_path / "out"
    with pytest.raises(Stop):
        scan(classifier, source, out, SMALL, watch=StopAfter(2))
    before = content(out)

    def refusal(config=SMALL, path=source):
        with pytest.raises(InputError) as caught:
            scan(classifier, path, out, config, existing="resume")
        return str(caught.value)

    for config in (ScanConfig(), ScanConfig(rows=8, top=2), ScanConfig(rows=8, target="negative")):
        assert "it was begun with another options: " in refusal(config)
    other = tmp_path / "other.jsonl"
    other.write_bytes(source.read_bytes())
    assert "it was begun with another source: " in refusal(path=other)
    with monkeypatch.context() as changed:
        changed.setattr(classifier.model.head.bias, "data", classifier.model.head.bias.data + 1)
        assert "it was begun with another model: " in refusal()
    source.touch()
    assert "it was begun with another source: " in refusal()
    assert content(out) == before


def test_folders_are_refused_replaced_or_begun(classifier, source, tmp_path, content):
    out = tmp_path / "out"
    counts = scan(classifier, source, out, SMALL, existing="resume")
    with pytest.raises(InputError, match="out exists: --resume to go on with a scan, --force to replace it"):
        scan(classifier, source, out, SMALL)
    assert scan(classifier, source, out, ScanConfig(), existing="replace").documents == counts.documents
    assert set(content(out)) == {
        *("scan.json", "documents-00000.parquet", "words-00000.parquet", "rejects-00000.parquet")
    }
    (out / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match=r"holds thesis\.tex, which no scan wrote, so it is not replaced"):
        scan(classifier, source, out, existing="replace")
    with pytest.raises(InputError, match="is not a folder that a scan wrote"):
        scan(classifier, source, tmp_path, existing="replace")
    with pytest.raises(InputError, match="is not a folder that a scan wrote"):
        scan(classifier, source, source, existing="resume")
    with pytest.raises(InputError, match="choose one of refuse, resume, replace"):
        scan(classifier, source, out, existing="overwrite")
    assert (out / "thesis.tex").read_text() == "mine"


def test_manifests_of_others(classifier, source, tmp_path):
    out = tmp_path / "out"
    scan(classifier, source, out, SMALL)
    manifest = out / "scan.json"
    written = manifest.read_text()
    for old, new, said in (
        ('"format": 1', '"format": 2', "format 2, this ConvLens reads format 1"),
        ('"convlens scan"', '"cat scan"', "not a folder that a scan wrote"),
        ('"counts"', '"count"', "not a folder that a scan wrote"),
        ("{", "", "not a folder that a scan wrote"),
    ):
        manifest.write_text(written.replace(old, new, 1))
        with pytest.raises(InputError, match=said):
            read_scan(out)


def test_an_incomplete_scan_can_be_read_as_far_as_it_is(classifier, source, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(Stop):
        scan(classifier, source, out, SMALL, watch=StopAfter(2))
    (out / "documents-00002.parquet").write_bytes(b"")  # no words: not a part
    with pytest.raises(InputError, match=r"out is not complete: go on with --resume"):
        read_scan(out)
    documents, words = read_scan(out, incomplete=True)
    assert documents.collect()["document"].to_list() == list(range(14))
    assert words.collect()["document"].n_unique() == 14
    for path in out.glob("*.parquet"):
        path.unlink()
    with pytest.raises(InputError, match="has no part that is whole yet"):
        read_scan(out, incomplete=True)


def test_files_that_a_kill_leaves_are_ours(tmp_path):
    with replacing_file(tmp_path / "words-00003.parquet") as place:
        assert parts.foreign(tmp_path) is None
        parts.remove_temporary(tmp_path)
        assert not place.exists()
        place.touch()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_real_kill_at_any_moment(classifier, tmp_path, content):
    path, model, out = tmp_path / "many.txt", tmp_path / "model", tmp_path / "out"
    path.write_text("\n".join(toy_corpus(600).texts))
    save(classifier, model)
    code = (
        "import sys, torch, convlens; torch.set_num_threads(2); a = sys.argv; "
        "convlens.scan(convlens.load(a[1]), a[2], a[3], convlens.ScanConfig(rows=5), existing='resume')"
    )
    chance, killed = random.Random(0), 0
    for number in range(2):
        process = subprocess.Popen([sys.executable, "-c", code, model, path, out])
        while not parts.part_file(out, "documents", 25 * number).exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed
    counts = scan(classifier, path, out, ScanConfig(rows=5), existing="resume")
    assert counts == scan(classifier, path, tmp_path / "whole", ScanConfig(rows=5))
    assert content(out) == content(tmp_path / "whole")
