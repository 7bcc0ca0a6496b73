import pickle

import numpy as np
import pytest

from convlens.errors import InputError
from convlens.text import WordVectors, from_gensim, match, read_vectors

GLOVE = "the 0.1 -2 3\nfilm 1 2 3\n. 0 0 0\n"


def test_glove_and_word2vec_text_are_read(tmp_path):
    for name, content in (("glove.txt", GLOVE), ("w2v.txt", "3 3\n" + GLOVE)):
        path = tmp_path / name
        path.write_text(content)
        vectors = read_vectors(path)
        assert vectors.words == ("the", "film", ".")
        np.testing.assert_allclose(vectors.matrix[0], [0.1, -2, 3], rtol=1e-6)


def test_npy_needs_its_words_beside_it(tmp_path):
    np.save(tmp_path / "v.npy", np.eye(2, dtype=np.float32))
    with pytest.raises(InputError, match=r"words beside it, one a line, in v\.words\.txt"):
        read_vectors(tmp_path / "v.npy")
    (tmp_path / "v.words.txt").write_text("a\nb\n")
    assert read_vectors(tmp_path / "v.npy").words == ("a", "b")
    (tmp_path / "v.words.txt").write_text("a\nb\nc\n")
    with pytest.raises(InputError, match="3 words do not fit a matrix of shape"):
        read_vectors(tmp_path / "v.npy")


def test_a_pickle_is_never_loaded(tmp_path):
    (tmp_path / "v.npy").write_bytes(pickle.dumps([1, 2]))
    (tmp_path / "v.words.txt").write_text("a\n")
    with pytest.raises(InputError, match="not a NumPy array"):
        read_vectors(tmp_path / "v.npy")


@pytest.mark.parametrize(
    ("content", "message"),
    [("a 1 2\nb 1\n", "line 2: expected 2 numbers"), ("a x\n", "line 1"), ("", "holds no word vectors")],
)
def test_broken_lines_are_named(tmp_path, content, message):
    path = tmp_path / "v.txt"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_vectors(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="no file of word vectors"):
        read_vectors(tmp_path / "none.txt")


def test_words_match_as_written_then_in_lower_case():
    vectors = WordVectors(("film", "US"), np.array([[1, 2], [3, 4]], dtype=np.float32))
    matched = match(vectors, ["Film", "US", "us", "odd"])
    assert matched.found.tolist() == [True, True, False, False]
    assert matched.matrix.tolist() == [[1, 2], [3, 4], [0, 0], [0, 0]]
    assert matched.coverage == 0.5


def test_gensim_vectors_are_taken_over():
    class Keyed:
        index_to_key = ("a", "b")
        vectors = np.eye(2)

    class Model:
        wv = Keyed()

    for source in (Keyed(), Model()):
        assert from_gensim(source).words == ("a", "b")


def test_gensim_rows_without_a_word_are_left_out():
    class Keyed:  # as gensim loads a file with a word twice
        index_to_key = ("a", "b", None)
        vectors = np.arange(6).reshape(3, 2)

    assert from_gensim(Keyed()).words == ("a", "b")
    with pytest.raises(InputError, match="expected gensim KeyedVectors"):
        from_gensim({"a": [1]})


def test_lists_are_taken_and_the_first_of_two_equal_words_stays():
    vectors = WordVectors(["b", "a", "b", "a"], [[1, 2], [3, 4], [5, 6], [7, 8]])
    assert vectors.words == ("b", "a")
    assert vectors.matrix.dtype == np.float32
    assert vectors.matrix.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("words", "matrix", "message"),
    [
        (("a", "b"), [[1, 2], [3, np.nan]], "the vector of 'b' holds a number that is not finite"),
        (("a", "b"), [[1, -np.inf], [3, np.inf]], "the vector of 'a' holds"),
        (("a",), np.array([[1e39]]), "the vector of 'a' holds a number that is .* too large for float32"),
        (("a",), [["x"]], "values of type <U1: expected real numbers"),
        (("a",), [[1j]], "values of type complex128"),
        (("a",), [[True]], "values of type bool"),
        (("a",), np.array([[None]]), "values of type object"),
        (("a", "b"), [[1, 2], [3]], "cannot be read as a matrix of numbers"),
        (("a",), [1.0], r"1 words do not fit a matrix of shape \(1,\)"),
        (("a",), [[[1.0]]], r"do not fit a matrix of shape \(1, 1, 1\)"),
        (("a", "b"), [[1.0]], "2 words do not fit"),
        (("a",), [[]], "do not fit a matrix of shape"),
        (("a", None), [[1.0], [2.0]], "word 1 is NoneType: give every word as a string"),
        (("a", b"b"), [[1.0], [2.0]], "word 1 is bytes"),
        ("ab", [[1.0], [2.0]], "expected a sequence of words, got str"),
        (None, [[1.0]], "expected a sequence of words, got NoneType"),
    ],
)
def test_vectors_made_in_python_obey_the_rules_of_files(words, matrix, message):
    with pytest.raises(InputError, match=message):
        WordVectors(words, matrix)


def test_the_shared_glove_covers_its_corpora(corpora):
    vectors = read_vectors(corpora / "glove.6B.50d.npy")
    assert vectors.matrix.shape == (132_277, 50)
    assert match(vectors, ["the", "n't", "'s"]).coverage == 1
