"""What is wrong with a file before a row is read: not there, a folder, empty, binary, another encoding."""

import codecs
import difflib
import shlex
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from convlens.compressed import compression, open_bytes
from convlens.errors import InputError
from convlens.shown import shown

PACKED = (".gz", ".zst", ".zstd", ".bz2", ".xz", ".zip")
EXCEL = ("xl/", "word/", "ppt/", "content.xml", "[Content_Types].xml")  # in the zips of office programs
LONGEST = 150  # characters of the two file names of a command
HEAD = 4096  # bytes looked at
ZIP = b"PK\x03\x04"
ARCHIVES = {ZIP: "a zip archive or an Excel file", b"\xd0\xcf\x11\xe0": "an old Excel file"}
BINARIES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PAR1": "a Parquet file (name it .parquet)",
    b"ARROW1": "an Arrow file (name it .arrow)",
    b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program",
}
UNPACKING = {"gzip": "gzip -dc", "zstd": "zstd -dc", "bz2": "bzip2 -dc", "xz": "xz -dc", "zip": "unzip -p"}
UTF32 = {codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE}
UTF16 = {codecs.BOM_UTF16_LE: "UTF-16LE", codecs.BOM_UTF16_BE: "UTF-16BE"}


def head(path: Path) -> bytes:
    """Return the first bytes of what a file holds, unpacked; raise `InputError` where there is no readable, non-empty file."""
    try:
        with open_bytes(path) as file:
            start = file.read(HEAD)
    except InputError:
        if any(name.startswith(EXCEL) for name in _zipped(path)):
            raise InputError(_excel(path)) from None
        raise
    except FileNotFoundError:
        raise InputError(f"there is no file {path}{_near(path)}") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder: give one of the files in it") from None
    except PermissionError:
        raise InputError(f"no permission to read {path}: change it with chmod, or copy the file") from None
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {shown(str(path), 120)}: {cause}") from None
    if start.startswith(b"<") and any(name.startswith(EXCEL) for name in _zipped(path)):
        raise InputError(_excel(path))
    if not start:
        raise InputError(f"{path} is empty: expected a line of column names and a row for each text")
    return start


def _excel(path: Path) -> str:
    return f"{path} is {ARCHIVES[ZIP]}, not text: save the table as CSV (UTF-8) and give that"


def suffix_of(path: Path) -> str:
    """The suffix of the format in small letters: that before `.gz` or another of `PACKED`, or of the file in a zip."""
    if path.suffix.lower() not in PACKED:
        return path.suffix.lower()
    inner = Path(path.stem).suffix.lower()
    if inner or path.suffix.lower() != ".zip":
        return inner or path.suffix.lower()
    names = [
        Path(name) for name in _zipped(path) if not name.endswith("/") and not name.startswith("__MACOSX/")
    ]
    return names[0].suffix.lower() if len(names) == 1 else ".zip"


def _zipped(path: Path) -> list[str]:
    """The names in a zip; none where the file is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return []


def text_of(path: Path) -> str:
    """Return a whole text file; bytes that are not UTF-8 become surrogates, so that their rows can be found.

    A byte order mark is dropped. Raises `InputError` for binary files and other encodings.
    """
    check_text(path)
    with open_bytes(path) as file:
        return _decoded(file.read().removeprefix(codecs.BOM_UTF8))


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of `text_of(path)`, cut at each "\\n" and without it, one at a time from the disk."""
    with open_bytes(path) as file:
        first = file.readline().removeprefix(codecs.BOM_UTF8)
        yield from (_decoded(line.removesuffix(b"\n")) for line in chain([first] if first else [], file))


def check_text(path: Path) -> None:
    """Raise `InputError` for binary files and encodings other than UTF-8, judged by their beginning."""
    start = head(path)
    for signature, what in ARCHIVES.items():
        if start.startswith(signature):
            raise InputError(f"{path} is {what}, not text: save the table as CSV (UTF-8) and give that")
    for signature, what in BINARIES.items():
        if start.startswith(signature):
            raise InputError(f"{path} is {what}, not a text file: expected rows of text in UTF-8")
    if start[:4] in UTF32:
        raise InputError(f"{path} is UTF-32, not UTF-8: convert it with {converting(path, 'UTF-32')}")
    if start[:2] in UTF16 or _is_utf16(start):
        encoding = UTF16.get(start[:2], "UTF-16LE" if start[1::2].count(0) else "UTF-16BE")
        raise InputError(f"{path} is {encoding}, not UTF-8: convert it with {converting(path, encoding)}")
    if start[:1] == b"\x80" or _is_binary(start):
        raise InputError(f"{path} is a binary file, not text: expected rows of text in UTF-8")


def converting(path: Path, encoding: str) -> str:
    """A command to paste that writes the file as UTF-8 into the current folder."""
    name, copy = shlex.quote(str(path)), shlex.quote("utf8-" + path.name)
    if len(name) + len(copy) > LONGEST:  # a message would lose the middle of it
        return f"iconv -f {encoding} -t UTF-8"
    if path.suffix.lower() in PACKED:
        with path.open("rb") as file:
            unpack = UNPACKING.get(compression(file.read(10)) or "", "cat")
        written = shlex.quote("utf8-" + path.name.removesuffix(path.suffix))
        return f"{unpack} {name} | iconv -f {encoding} -t UTF-8 > {written}"
    return f"iconv -f {encoding} -t UTF-8 {name} > {copy}"


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _near(path: Path) -> str:
    """Names like this one in the same folder, as the end of a sentence."""
    folder = path.absolute().parent
    if not folder.is_dir():
        return f": the folder {path.parent} does not exist either"
    try:
        names = [other.name for other in folder.iterdir()]
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=3)
    return (
        ": did you mean " + " or ".join(str(path.with_name(n)) for n in near) + "?"
        if near
        else ": check its name"
    )


def _is_utf16(start: bytes) -> bool:
    """Tell UTF-16 without a mark: close to every second byte is zero."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    return max(even, odd) >= 0.4 * len(start) and min(even, odd) <= 0.02 * len(start)


def _is_binary(start: bytes) -> bool:
    """Tell bytes that are no text in any encoding: mostly zeros, or not UTF-8 and full of control characters."""
    if 2 * start.count(0) > len(start):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in start)
        return controls > 0.03 * len(start)
    return False
