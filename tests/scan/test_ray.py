"""The engine on Ray: the bytes of a local scan, though a worker is killed or engines take turns."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.scan.conftest import SMALL
from tests.toys import toy_corpus

from convlens.errors import InputError
from convlens.models import save
from convlens.scan import ScanConfig, ScanWatch, scan

HERE = ScanConfig(rows=50, summary=True)
THERE = replace(HERE, engine="ray")


class Stop(BaseException):
    """A kill that a test can catch."""


class Stopping(ScanWatch):
    """Stops the scan after so many parts."""

    def __init__(self, parts):
        self.parts, self.written, self.skipped = parts, 0, 0

    def on_skip(self, batch):
        self.skipped += 1

    def on_part(self, batch, tokens):
        self.written += 1
        if self.written == self.parts:
            raise Stop


class Killing(Stopping):
    """Kills a worker after some parts, and notes all workers from then on."""

    seen: frozenset[int] = frozenset()

    def on_part(self, batch, tokens):
        super().on_part(batch, tokens)
        if self.written == 3:
            self.seen = workers()
            os.kill(min(self.seen), signal.SIGKILL)
        elif self.written > 3:
            self.seen |= workers()


def workers() -> frozenset[int]:
    """The processes of this one's Ray that hold a model."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            found[int(path.name)] = parent, path.joinpath("cmdline").read_bytes()
        except OSError:  # it has ended
            continue
    ours = {pid for pid, (parent, _) in found.items() if parent == os.getpid()}
    return frozenset(p for p, (parent, line) in found.items() if parent in ours and b"ray::MapWorker" in line)


@pytest.fixture(scope="module")
def ray():
    """A Ray of two workers on this machine."""
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'convlens[ray]'")
    if not sys.platform.startswith("linux"):
        pytest.skip("workers are found and killed by way of /proc")
    options = {"include_dashboard": False, "object_store_memory": 2**28, "log_to_driver": False}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init("local", num_cpus=2, logging_level="ERROR", **options)
    yield ray
    ray.shutdown()


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    path = tmp_path_factory.mktemp("ray") / "many.jsonl"
    lines = [f'{{"text": "{text * 5}"}}' for text in toy_corpus(6000).texts]
    lines[70] = "{broken"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def whole(classifier, many, tmp_path_factory):
    """A local scan: its folder and counts."""
    out = tmp_path_factory.mktemp("ray") / "whole"
    return out, scan(classifier, many, out, HERE)


theirs = pytest.mark.filterwarnings(  # what Ray warns of in its own code
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"
)


@theirs
def test_a_worker_killed_midway_changes_no_byte(ray, classifier, many, whole, tmp_path, content):
    out, watch = tmp_path / "out", Killing(None)
    assert scan(classifier, many, out, THERE, watch=watch) == whole[1]
    assert watch.written == whole[1].parts == 120
    assert len(watch.seen) > 2  # another came in its place
    assert content(out) == content(whole[0])


@theirs
def test_engines_go_on_with_each_others_scans(ray, classifier, many, whole, tmp_path, content):
    out = tmp_path / "out"
    for config, existing, skipped in ((HERE, "refuse", 0), (THERE, "resume", 3)):
        watch = Stopping(3)
        with pytest.raises(Stop):
            scan(classifier, many, out, config, existing=existing, watch=watch)
        assert watch.skipped == skipped
    watch = Stopping(None)
    assert scan(classifier, many, out, HERE, existing="resume", watch=watch) == whole[1]
    assert watch.skipped == 6
    assert content(out) == content(whole[0])


@theirs
def test_what_workers_refuse_is_said_as_here(ray):
    from ray.exceptions import ActorDiedError, RayTaskError

    from convlens.scan.on_ray import explained

    error = RayTaskError(
        "work", "traceback", InputError("line 3 is broken: mend it\nTo change retry attempts")
    )
    assert str(explained(error)) == "line 3 is broken: mend it"
    assert str(explained(RayTaskError("work", "traceback", KeyError("x")))).startswith(
        "Ray gave up (KeyError: 'x')"
    )
    assert "go on with --resume" in str(explained(ActorDiedError()))


@theirs
def test_a_model_travels_as_the_files_of_its_folder(ray, classifier, tmp_path):
    from convlens.scan.on_ray import pack, unpack

    packed = pack(classifier)
    save(unpack(packed), tmp_path / "model")
    assert {name: (tmp_path / "model" / name).read_bytes() for name in packed} == packed


@theirs
def test_a_cluster_that_cannot_be_reached_costs_no_scan(classifier, source, tmp_path, monkeypatch, content):
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'convlens[ray]'")
    out = tmp_path / "out"
    scan(classifier, source, out, SMALL)
    before = content(out)

    def refused(address, **options):
        raise ConnectionError(f"nobody at {address}")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", refused)
    there = replace(SMALL, engine="ray", address="far:6379", rows=9)
    with pytest.raises(InputError, match=r"cannot reach or start Ray at far:6379 \(nobody at far:6379\)"):
        scan(classifier, source, out, there, existing="replace")
    assert content(out) == before


def test_without_ray_it_is_said_before_anything_is_written(classifier, source, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "convlens.scan.on_ray", raising=False)
    with pytest.raises(InputError, match=r'pip install "convlens\[ray\]"'):
        scan(classifier, source, tmp_path / "out", replace(SMALL, engine="ray"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"engine": "spark"}, "choose one of local, ray"),
        ({"engine": "ray", "workers": 0}, "workers must be at least 1, got 0"),
        ({"engine": "ray", "address": "ray://far:10001"}, "begin it on a machine of the cluster"),
        ({"workers": 2}, "belong to the engine 'ray'"),
        ({"address": "auto"}, "belong to the engine 'ray'"),
    ],
)
def test_where_a_scan_cannot_run(config, said):
    with pytest.raises(InputError, match=said):
        ScanConfig(**config)
