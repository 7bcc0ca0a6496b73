"""Compressed files are known by their bytes, read as streams, and end in a sentence where they are damaged."""

import bz2
import gzip
import io
import lzma
import resource
import sys
import zipfile
import zlib
from contextlib import suppress

import pytest

from convlens.compressed import compression, open_bytes
from convlens.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = "".join(f"line {i} of a file\n" for i in range(5000)).encode()


def zipped(*contents, name="a.txt"):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, content in enumerate(contents):
            archive.writestr(f"{i}{name}", content)
    return stream.getvalue()


def checked_zstd(content):
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


PACKERS = {
    "gzip": gzip.compress,
    "zstd": checked_zstd,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
}


def read(path):
    with open_bytes(path) as file:
        return file.read()


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("content", [TEXT, b""], ids=["text", "empty"])
def test_bytes_decide_and_not_the_name(tmp_path, name, content):
    path = tmp_path / "file.csv"
    path.write_bytes(PACKERS[name](content))
    assert read(path) == content
    assert compression(path.read_bytes()[:10]) == name


@pytest.mark.parametrize("content", [b"", b"B", b"BZh9 is a word", b"PK", b"\x1f", TEXT])
def test_what_is_not_compressed_is_read_as_it_is(tmp_path, content):
    path = tmp_path / "file.gz"
    path.write_bytes(content)
    assert read(path) == content


@pytest.mark.parametrize("name", ["gzip", "zstd", "bz2", "xz"])
def test_members_one_after_another_are_one_stream(tmp_path, name):
    path = tmp_path / "file"
    path.write_bytes(PACKERS[name](TEXT) + PACKERS[name](TEXT))
    assert read(path) == TEXT + TEXT


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.999])
def test_files_cut_short_are_told(tmp_path, name, share):
    path = tmp_path / "file"
    whole = PACKERS[name](TEXT)
    path.write_bytes(whole[: max(10, int(len(whole) * share))])
    with pytest.raises(InputError, match=f"file is a damaged or cut-off {name} file"):
        read(path)


@pytest.mark.parametrize("name", PACKERS)
def test_any_changed_byte_gives_the_content_or_a_sentence(tmp_path, name):
    path = tmp_path / "file"
    whole = PACKERS[name](TEXT[:300])
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        with suppress(InputError):  # else a header's time or name has changed, or the magic
            assert read(path) in (TEXT[:300], path.read_bytes()), place


def test_a_zip_must_hold_one_file_without_a_password(tmp_path):
    path = tmp_path / "many.zip"
    path.write_bytes(zipped(TEXT, TEXT))
    with pytest.raises(InputError, match=r"many.zip is a zip of 2 files \('0a.txt', '1a.txt'\): unpack it"):
        read(path)
    path.write_bytes(zipped())
    with pytest.raises(InputError, match="zip of 0 files"):
        read(path)
    secret = bytearray(zipped(TEXT))
    secret[6] |= 1
    secret[secret.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(secret)
    with pytest.raises(InputError, match="a zip with a password: unpack it first"):
        read(path)


def test_folders_and_what_macos_adds_are_no_members(tmp_path):
    path = tmp_path / "mac.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/", b"")
        archive.writestr("a/a.txt", TEXT)
        archive.writestr("__MACOSX/a/._a.txt", b"x")
    assert read(path) == TEXT


def test_a_bomb_is_read_in_little_memory(tmp_path):
    path = tmp_path / "bomb"
    with gzip.open(path, "wb") as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_bytes(path) as stream:
        assert sum(len(part) for part in iter(lambda: stream.read(1 << 16), b"")) == 100 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes


def test_a_dictionary_that_takes_too_much_memory_is_refused(tmp_path):
    path = tmp_path / "big.xz"
    content = bytearray(lzma.compress(b"x"))
    content[16] = 36  # 1 GiB, in the header of the first block
    content[20:24] = zlib.crc32(content[12:20]).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(InputError, match="Memory usage limit"):
        read(path)
