"""Files of word vectors of every format and kind of damage: the right vectors, or one sentence."""

import gzip
import io
import pickle
import sys
import zipfile

import numpy as np
import pytest

from convlens.errors import InputError
from convlens.text import read_vectors

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

WORDS = ("the", "film", "naïve", "good", "bad")
MATRIX = np.round(np.random.default_rng(0).normal(size=(5, 4)), 3).astype(np.float32)


def lines(words=WORDS, matrix=MATRIX, separator=" "):
    rows = zip(words, matrix.tolist(), strict=True)
    return "".join(separator.join([word, *(f"{x:.6g}" for x in row)]) + "\n" for word, row in rows)


def binary(words=WORDS, matrix=MATRIX, header=None, end=b"\n"):
    head = "{} {}\n".format(*(header or matrix.shape)).encode()
    rows = zip(words, matrix.astype("<f4"), strict=True)
    encoded = ((w if isinstance(w, bytes) else w.encode(), row.tobytes()) for w, row in rows)
    return head + b"".join(word + b" " + row + end for word, row in encoded)


def array_bytes(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def zipped(content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vectors.txt", content)
    return stream.getvalue()


def read(tmp_path, content, name="v.txt"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_vectors(path)


def check(vectors, words=WORDS, matrix=MATRIX):
    assert vectors.words == tuple(words)
    np.testing.assert_allclose(vectors.matrix, matrix, rtol=1e-6)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress, zipped])
@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.bin", "V.BIN", "v.npy", "v.gz", "v"])
@pytest.mark.parametrize("content", [lines().encode(), binary()], ids=["text", "binary"])
def test_content_decides_format_and_compression(tmp_path, pack, name, content):
    check(read(tmp_path, pack(content), name))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(" ", "\t"),
        lambda text: text.replace(" ", "\t", 1),
        lambda text: "".join(line.replace(" ", "\t", 1) + "\n" for line in text.splitlines()),
        lambda text: text.replace(" ", "  "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", " \n"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n\n",
        lambda text: "\ufeff" + text,
        lambda text: "5 4\n" + text,
        lambda text: "\ufeff5\t4\r\n" + text,
    ],
)
def test_separators_ends_marks_and_headers_change_nothing(tmp_path, change):
    check(read(tmp_path, change(lines())))


@pytest.mark.parametrize(
    "word",
    [
        *(
            ". . .",
            "to name@domain.com",
            "in 1999",
            "at 3.5 of",
            "1999",
            "-1e5",
            "nan",
            "inf",
            "+",
            '"',
            "#",
            "a,b",
        ),
        *("\u00a0", "a\u00a0b", "\u2028", "\u0085", "\x1c", "\x0b", "", "caf\ufffd", "0x1A", "1_000"),
    ],
)
@pytest.mark.parametrize("place", [0, 3, 5])
def test_whatever_stands_before_the_numbers_is_the_word(tmp_path, word, place):
    words = (*WORDS[:place], word, *WORDS[place:])
    matrix = np.insert(MATRIX, place, 0.5, axis=0)
    check(read(tmp_path, lines(words, matrix)), words, matrix)


def test_a_file_of_one_number_a_word_and_one_of_many_blocks(tmp_path, monkeypatch):
    check(read(tmp_path, "5 3\na 1\nb 2\n"), ("5", "a", "b"), [[3], [1], [2]])
    check(read(tmp_path, "2 1\na 1\nb 2\n"), ("a", "b"), [[1], [2]])
    for module in ("vector_files", "vector_text"):
        monkeypatch.setattr(f"convlens.text.{module}.BLOCK", 70)
    check(read(tmp_path, "5 4\n" + lines()))


def test_numbers_are_read_as_python_reads_them(tmp_path):
    texts = ["1", "+1", "-.5", "1.", "1e-3", "1E5", "0.1", "16777217", "3.4028235e38", "1e-46", "-0", "007"]
    vectors = read(tmp_path, "".join(f"w{i} {text} 0.5\n" for i, text in enumerate(texts)))
    assert (
        vectors.matrix[:, 0].tolist() == np.array([float(text) for text in texts]).astype(np.float32).tolist()
    )


@pytest.mark.parametrize("content", [lines, binary], ids=["text", "binary"])
def test_the_first_of_two_equal_words_stays_in_every_format(tmp_path, content):
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4)
    check(read(tmp_path, content(("a", "b", "a"), matrix)), ("a", "b"), matrix[:2])


@pytest.mark.parametrize("end", [b"\n", b""], ids=["as word2vec writes", "as gensim writes"])
def test_words_that_are_not_utf_8_have_their_bytes_replaced(tmp_path, end):
    words = ("the", b"caf\xe9", "na\u00efve".encode()[:3])
    matrix = MATRIX[:3]
    content = binary(words, matrix, end=end)
    check(read(tmp_path, content), ("the", "caf\ufffd", "na\ufffd"), matrix)
    text = lines(("the", "caf?", "x"), matrix).encode().replace(b"?", b"\xe9")
    check(read(tmp_path, text), ("the", "caf\ufffd", "x"), matrix)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("19 4\n" + lines(), "its header says 19 words, but 5 follow: fetch"),
        ("4 4\n" + lines(), "its header says 4 words, but 5 follow"),
        ("5 9\n" + lines(), "its header says 5 words of 9 numbers, but words of 4 numbers follow"),
        ("5 4\n", "ends after its header"),
        (lines()[:-8], "line 5: expected 4 numbers after the word, as in the other lines, near"),
        (lines() + "more 1 2 3 4 5 6 7 8\n", "line 6: expected 4 numbers"),
        (lines() + "word\n", "line 6: expected 4 numbers"),
        (
            lines().replace(" ", ","),
            "line 1: expected a word and its numbers separated by blanks or tabs, got 'the,",
        ),
        (lines().replace(".", ","), "replace the commas"),
        ("the 9:0.02 12:0.5\n", "sparse vectors"),
        (lines().encode("utf-16"), "UTF-16"),
        (lines().encode("utf-16-le"), "UTF-16"),
        (lines() + "big 1e39 0 0 0\n", "the vector of 'big' holds a number that is .* too large"),
        (lines() + "odd nan 0 0 0\n", "the vector of 'odd' holds a number that is not finite"),
        (lines() + "odd 0 0 0 -inf\n", "the vector of 'odd' holds"),
        (b"", "holds no word vectors"),
        (b"\n \n", "holds no word vectors"),
        (b"\xba\x16\x4f\x2f" + bytes(100), r"v.vec, instead"),
        (pickle.dumps({"a": [1.0]}), "is a pickle, .* never loaded"),
        (binary()[:-10], "ends or breaks after 4 words of the 5 of 4 numbers"),
        (binary(header=(6, 4)), "after 5 words of the 6"),
        (binary(header=(4, 4)), "says 4 words of 4 numbers, but more follow"),
        (binary(header=(5, 5)), "header says"),
        (binary(header=(10**11, 4)), "after 5 words of the 100000000000"),
        (binary(header=(5, 10**11)), "words of 100000000000 numbers: it is no word2vec file"),
        (binary(matrix=np.where(MATRIX[3, 1] == MATRIX, np.nan, MATRIX)), "the vector of 'good' holds"),
        (gzip.compress(lines().encode())[:-9], "damaged or cut-off gzip file"),
        (zstd.compress(binary())[:-9], "damaged or cut-off zstd file"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(tmp_path, content, message):
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, content, "v.bin")
    assert len(str(caught.value)) <= 300 + len(str(tmp_path))


def test_a_line_without_end_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("convlens.text.vector_text.LONGEST", 1000)
    for module in ("vector_files", "vector_text"):
        monkeypatch.setattr(f"convlens.text.{module}.BLOCK", 200)
    with pytest.raises(InputError, match="has a line of more than"):
        read(tmp_path, lines() + "a" * 5000)
    monkeypatch.undo()
    with pytest.raises(InputError, match="expected a word and its numbers"):
        read(tmp_path, "a" + " 1" * (1 << 17))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([["a", "b"]] * 5), "holds values of type <U1: expected real numbers"),
        (MATRIX + 1j, "values of type complex"),
        (MATRIX > 0, "values of type bool"),
        (np.zeros(5, dtype=[("a", "f4")]), "expected real numbers"),
        (np.zeros(5, dtype="M8[s]"), "expected real numbers"),
        (MATRIX[0], r"5 words do not fit a matrix of shape \(4,\)"),
        (MATRIX[None], r"matrix of shape \(1, 5, 4\)"),
        (MATRIX[:4], "5 words do not fit a matrix of shape"),
        (MATRIX * np.inf, "the vector of 'the' holds"),
    ],
)
def test_arrays_that_are_no_matrix_of_numbers_are_told(tmp_path, array, message):
    (tmp_path / "v.words.txt").write_text("\n".join(WORDS), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read(tmp_path, array_bytes(array), "v.npy")


def test_arrays_are_read_compressed_in_capitals_and_as_whole_numbers(tmp_path):
    (tmp_path / "v.words.txt").write_bytes(("\ufeff" + "\r\n".join(WORDS) + "\r\n").encode())
    for name, content in (
        ("v.npy", array_bytes(MATRIX)),
        ("v.NPY", array_bytes(np.asfortranarray(MATRIX.astype(np.float64)))),
        ("v.npy.gz", gzip.compress(array_bytes(MATRIX))),
        ("v.npy.zst", zstd.compress(array_bytes(MATRIX))),
    ):
        check(read(tmp_path, content, name))
    check(read(tmp_path, array_bytes(np.eye(5, dtype=int)), "v.npy"), WORDS, np.eye(5))


@pytest.mark.parametrize("damage", [10, 60, 100, 150, -3])
def test_a_damaged_array_is_told(tmp_path, damage):
    (tmp_path / "v.words.txt").write_text("\n".join(WORDS), encoding="utf-8")
    with pytest.raises(InputError):
        read(tmp_path, array_bytes(MATRIX)[:damage], "v.npy")
    huge = array_bytes(MATRIX).replace(b"(5, 4)", b"(5,10000000000000)").replace(b" " * 12 + b"\n", b"\n")
    with pytest.raises(InputError):
        read(tmp_path, huge, "v.npy")
    for sign in (b"(", b"[", b"'", b"\0"):
        with pytest.raises(InputError, match="is not a NumPy array of numbers"):
            read(tmp_path, array_bytes(MATRIX).replace(b")", sign), "v.npy")


def test_an_npz_holds_numbers_and_words_under_any_names(tmp_path):
    path = tmp_path / "v.npz"
    for words in (np.array(WORDS), np.array([w.encode() for w in WORDS])):
        np.savez_compressed(path, x=words, y=MATRIX)
        check(read_vectors(path))
    (tmp_path / "v.words.txt").write_text("\n".join(WORDS), encoding="utf-8")
    np.savez(path, MATRIX)
    check(read_vectors(path))


def test_an_npz_of_other_things_is_told(tmp_path):
    path = tmp_path / "v.npz"
    np.savez(path, x=MATRIX, y=MATRIX)
    with pytest.raises(InputError, match="must hold one array of numbers and one of words as strings"):
        read_vectors(path)
    np.savez(path, x=MATRIX, y=np.array([*WORDS[:4], 5], dtype=object))
    with pytest.raises(InputError, match=r"np.array\(words, dtype=str\)"):
        read_vectors(path)
    np.savez(path, x=MATRIX, y=np.array(WORDS))
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 255
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_vectors(path)


def test_a_folder_and_a_file_without_permission_are_told(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no file of word vectors"):
        read_vectors(tmp_path)

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("convlens.text.vector_files.open_bytes", refuse)
    with pytest.raises(InputError, match=r"cannot read the word vectors .*: Permission denied"):
        read(tmp_path, lines())
