"""Files that may be compressed, opened as one stream of bytes; damage ends in a sentence."""

import bz2
import errno
import gzip
import io
import lzma
import re
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from convlens.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# A bz2 file's block size is followed by its first block or, if empty, by its end: "BZh9" alone is a word.
MAGIC = {
    "gzip": rb"\x1f\x8b\x08",
    "zstd": rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18",
    "zip": rb"PK(\x03\x04|\x05\x06)",
    "bz2": rb"BZh[1-9](1AY&SY|\x17rE8P\x90)",
    "xz": rb"\xfd7zXZ\x00",
}
DAMAGE = (
    *(EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError, zipfile.BadZipFile),
    *(struct.error, NotImplementedError, ValueError, RuntimeError),
)
# What a decompressor may keep of what it has written: xz takes up to 64 MiB at its highest setting.
MEMORY = 1 << 28
BUFFER = 1 << 20


def compression(head: bytes) -> str | None:
    """Name how a file is compressed by its first 10 bytes; None where it is not."""
    return next((name for name, magic in MAGIC.items() if re.match(magic, head, re.DOTALL)), None)


def open_bytes(path: Path) -> io.BufferedReader:
    """Open `path` for reading, without its compression if it has one (gzip, zstd, bz2, xz, a zip of one file).

    The first bytes decide, not the name. The stream is made as it is read, so no file is ever whole in
    memory, and raises `InputError` where the file is damaged or cut short.
    """
    file = path.open("rb")
    try:
        name = compression(file.peek(10)[:10])
        return file if name is None else io.BufferedReader(_Unpacked(path, file, name), BUFFER)
    except BaseException:
        file.close()
        raise


class _Unpacked(io.RawIOBase):
    """What `file` holds, without its compression."""

    def __init__(self, path: Path, file: BinaryIO, name: str) -> None:
        self.path, self.file, self.name = path, file, name
        try:
            self.unpacked = _unpack(path, file, name)
        except (*DAMAGE, OSError) as error:
            raise self._damaged(error) from None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            part = self.unpacked.read(len(buffer))
        except (*DAMAGE, OSError) as error:
            raise self._damaged(error) from None
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self.file.close()
        super().close()

    def _damaged(self, error: Exception) -> Exception:
        """Say what is wrong with the file; what the system refuses stays what it is, but a seek before it."""
        if isinstance(error, InputError):
            return error
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            return error
        return InputError(
            f"{self.path} is a damaged or cut-off {self.name} file ({str(error)[:100]}): fetch or pack it again"
        )


def _unpack(path: Path, file: BinaryIO, name: str) -> IO[bytes]:
    if name == "gzip":
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if name == "zstd":
        return cast(IO[bytes], zstd.ZstdFile(file))
    if name == "bz2":
        return cast(IO[bytes], bz2.BZ2File(file))
    if name == "zip":
        return _only_member(path, zipfile.ZipFile(file))
    # `LZMAFile` has no limit of its own: the first block says what it takes.
    lzma.LZMADecompressor(memlimit=MEMORY).decompress(cast(io.BufferedReader, file).peek(64), 1)
    return cast(IO[bytes], lzma.LZMAFile(file))


def _only_member(path: Path, archive: zipfile.ZipFile) -> IO[bytes]:
    """Open the one file of an archive; folders and what macOS adds are none."""
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        names = ", ".join(repr(m.filename[:40]) for m in members[:3])
        raise InputError(f"{path} is a zip of {len(members)} files ({names}): unpack it and give one of them")
    if members[0].flag_bits & 1:
        raise InputError(f"{path} is a zip with a password: unpack it first")
    return archive.open(members[0])
