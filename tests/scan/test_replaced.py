"""A scan that is replaced stays whole until the new one is, and one that lost files meanwhile is never called whole."""

import shutil

import pytest
from tests.scan.conftest import SMALL

from convlens.errors import InputError
from convlens.scan import ScanConfig, ScanWatch, read_scan, scan


class Then(ScanWatch):
    """Does something after so many parts."""

    def __init__(self, parts, act):
        self.parts, self.act = parts, act

    def on_part(self, batch, tokens):
        self.parts -= 1
        if self.parts == 0:
            self.act()


class Stop(BaseException):
    """A kill that a test can catch."""


def stop():
    raise Stop


@pytest.mark.parametrize("number", [1, 3, 5])
def test_the_old_scan_stays_until_the_new_one_is_whole_and_resume_goes_on_with_that(
    classifier, source, tmp_path, content, number
):
    out, whole = tmp_path / "out", tmp_path / "whole"
    scan(classifier, source, out, ScanConfig(top=1))
    scan(classifier, source, whole, SMALL)
    old = content(out)
    with pytest.raises(Stop):
        scan(classifier, source, out, SMALL, existing="replace", watch=Then(number, stop))
    assert content(out) == old
    assert read_scan(out)
    scan(classifier, source, out, SMALL, existing="resume")
    assert content(out) == content(whole)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_a_stopped_one_left_goes_when_it_is_forced_again(classifier, source, tmp_path, content):
    out, whole = tmp_path / "out", tmp_path / "whole"
    for folder in (out, whole):
        scan(classifier, source, folder, ScanConfig(top=1))
    with pytest.raises(Stop):
        scan(classifier, source, out, SMALL, existing="replace", watch=Then(2, stop))
    scan(classifier, source, out, ScanConfig(top=1), existing="replace")
    assert content(out) == content(whole)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("name", [".out.anew", ".out.old.convlens", ".out.abcdefgh.convlens"])
def test_what_a_kill_after_the_change_of_places_left_goes_with_resume(
    classifier, source, tmp_path, content, name
):
    out = tmp_path / "out"
    scan(classifier, source, out, SMALL)
    scan(classifier, source, tmp_path / name, ScanConfig(top=1))
    whole = content(out)
    scan(classifier, source, out, SMALL, existing="resume")
    assert content(out) == whole
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_one_that_was_begun_stays_when_the_old_one_is_found_whole(classifier, source, tmp_path, content):
    out, anew = tmp_path / "out", tmp_path / ".out.anew"
    scan(classifier, source, out, ScanConfig(top=1))
    with pytest.raises(Stop):
        scan(classifier, source, out, SMALL, existing="replace", watch=Then(3, stop))
    begun = content(anew)
    scan(classifier, source, out, ScanConfig(top=1), existing="resume")
    assert content(anew) == begun


@pytest.mark.parametrize("existing", ["refuse", "replace"])
@pytest.mark.parametrize("kind", ["documents", "words"])
def test_a_part_that_is_removed_midway_is_missed(classifier, source, tmp_path, existing, kind):
    out = tmp_path / "out"
    if existing == "replace":
        scan(classifier, source, out, ScanConfig(top=1))
    place = tmp_path / ".out.anew" if existing == "replace" else out

    def remove():
        (place / f"{kind}-00001.parquet").unlink()

    with pytest.raises(InputError, match="lost part 1 while it was written"):
        scan(classifier, source, out, SMALL, existing=existing, watch=Then(3, remove))
    with pytest.raises(InputError, match="is not complete"):
        read_scan(place)
    scan(classifier, source, out, SMALL, existing="resume")
    assert read_scan(out)


def test_a_folder_that_is_removed_midway_is_missed(classifier, source, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(InputError, match="has gone meanwhile"):
        scan(classifier, source, out, SMALL, watch=Then(2, lambda: shutil.rmtree(out)))
    assert not out.exists()
