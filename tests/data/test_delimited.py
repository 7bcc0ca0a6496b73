"""CSV and TSV: what is read, what is set aside and why, on which line."""

import pytest

from convlens.data import Reject, read
from convlens.data.building import LONG
from convlens.data.quotes import STRAY

GOOD = "".join(f"film {i},{'pos' if i % 2 else 'neg'}\n" for i in range(40))


def rejects(path, **options):
    return [(r.line, r.reason, r.row) for r in read(path, **options).rejected]


def test_quoted_fields_hold_commas_quotes_and_line_breaks(put):
    corpus = read(put("a.csv", 'label,text\npos,"a ""b"", c\r\nd\n\ne"\n\nneg,f "g" h\n'))
    assert corpus.texts == ('a "b", c\r\nd\n\ne', 'f "g" h')
    assert corpus.labels == (1, 0)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",pos", "no text"),
        ("  \t ,pos", "no text"),
        ("fine,", "no label"),
        ("fine, ", "no label"),
        ("fine", "number of fields is 1, not 2 as in the header"),
        ("fine,pos,5", "number of fields is 3, not 2 as in the header"),
        ('"fine" film,pos', "a quote in the middle of a field (write it twice)"),
        ("f\udce9te,pos", "not valid UTF-8"),
        ("fine,p\udce9s", "not valid UTF-8"),
    ],
)
def test_a_bad_row_of_a_csv_is_set_aside_with_line_and_reason(line, reason, put):
    shown = line.replace("\udce9", "\\udce9").rstrip("\n")
    path = put("a.csv", f"text,label\n\n{line}\n{GOOD}")
    assert rejects(path) == [(3, reason, shown)]
    assert len(read(path)) == 40


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("\tpos", "no text"),
        ("fine\t ", "no label"),
        ("fine", "number of fields is 1, not 2 as in the header"),
        ("fine\tpos\t", "number of fields is 3, not 2 as in the header"),
        ("f\udce9te\tpos", "not valid UTF-8"),
    ],
)
def test_a_bad_row_of_a_tsv_is_set_aside_with_line_and_reason(line, reason, put):
    path = put("a.tsv", f"\r\ntext\tlabel\r\n{line}\r\n" + GOOD.replace(",", "\t"))
    assert rejects(path) == [(3, reason, line.replace("\udce9", "\\udce9"))]


def test_quotes_in_a_tsv_are_ordinary_characters(put):
    corpus = read(put("a.tsv", 'text\tlabel\n"fine\t"pos"\n"a "" b"\tneg\n'))
    assert (corpus.texts, corpus.label_names) == (('"fine', '"a "" b"'), ('"pos"', "neg"))


def test_a_quote_that_swallows_rows_costs_its_own_row_alone(put):
    path = put("a.csv", f'text,label\n{GOOD}"fine,pos\nno,neg\nso "so",pos\n{GOOD}')
    assert rejects(path) == [(42, STRAY, '"fine,pos')]
    assert len(read(path)) == 82


def test_without_labels_a_swallowed_row_shows_by_its_number_of_fields(put):
    path = put("a.csv", f'id,text\n{GOOD}"fine,pos\n{GOOD}no,"neg"\n')
    assert rejects(path, labelled=False) == [(42, STRAY, '"fine,pos')]
    short = put("b.csv", 'id,text\n1,"a,b\nc,d\ne,f"\n2,g\n')
    assert read(short, labelled=False).texts == ("a,b\nc,d\ne,f", "g")


def test_texts_with_a_few_lines_like_rows_are_kept_whole(put):
    text = "so,pos\nno,neg\na\nb\nc\nd"
    corpus = read(put("a.csv", f'text,label\n{GOOD}"{text}",pos\n'))
    assert (corpus.texts[-1], corpus.rejected) == (text, ())
    corpus = read(put("b.csv", 'text,id\n"a,b\nc,d\ne",7\n'), labelled=False)
    assert (corpus.texts, corpus.rejected) == (("a,b\nc,d\ne",), ())


def test_every_line_behind_a_quote_that_is_never_closed_is_set_aside(put):
    path = put("a.csv", f'text,label\n{GOOD}"a poem\nof two lines\n')
    reason = "a quote opened in the row of line 42 and never closed"
    assert rejects(path) == [(42, reason, '"a poem'), (43, reason, "of two lines")]


def test_a_row_of_very_many_lines_is_read_but_said(put):
    poem = "\n".join(f"line {i}" for i in range(LONG + 1))
    corpus = read(put("a.csv", f'text,label\n{GOOD}"{poem}",pos\n'))
    assert corpus.texts[-1] == poem
    assert "".join(corpus.notices) == (
        "a.csv: 1 of 41 rows span more than 100 lines each, the longest 101 lines from line 42 on: "
        "if it should not, a quote is left open there"
    )


def test_bytes_that_are_not_utf8_are_found_far_down_in_a_row(put):
    poem = "\n".join(["line"] * 30) + "\udce9"
    assert read(put("a.csv", f'text,label\n{GOOD}"{poem}",pos\n')).rejected == (
        Reject(42, "not valid UTF-8", '"' + "line\n" * 29 + 'line\\udce9",pos'),
    )


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.csv", "\n\r\n", "it holds nothing but blank lines, expected column names in its first line, such as text,label"),
        ("a.csv", '"text,label\nfine,pos\n', "the first row has a quote opened in the row of line 1 and never closed, expected column names in its first line, such as text,label"),
        ("a.csv", '"te"xt,label\nfine,pos\n', "the first row has a quote in the middle of a field (write it twice), expected column names in its first line, such as text,label"),
        ("a.tsv", " \n\r\n", "it holds nothing but blank lines, expected column names in its first line, separated by tabs"),
    ],
)  # fmt: skip
def test_a_first_line_that_names_no_columns(name, content, fault, put, refusal):
    path = put(name, content)
    assert refusal(read, path) == f"{path}: {fault}"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_column_names_alone_are_no_rows(name, put, refusal):
    path = put(name, "text,label\n\n" if name == "a.csv" else "text\tlabel\n\n")
    assert refusal(read, path) == (
        f"{name} has column names but no rows: expected at least one row below them"
    )


@pytest.mark.parametrize(
    ("rows", "kept"),
    [(('"fine,pos\nno,neg\n' + GOOD) * 5_000, 205_000), ("fine,b\n" + 'a","b\n' * 100_000, None)],
    ids=["stray quotes", "quotes that each stay open to the end"],
)
@pytest.mark.timeout(100)  # in squares they would take longer
def test_bad_quotes_take_time_in_proportion(rows, kept, put):
    corpus = read(put("a.csv", f"text,label\n{rows}"), allow_rejects=True)
    assert kept in (None, len(corpus))
    assert len(corpus) + len(corpus.rejected) == rows.count("\n")


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_csv_may_be_separated_by_something_else_and_that_is_said(mark, put):
    rows = [f'"film, a{mark}b"{mark}pos', f"film, dull{mark}neg", "", "lost", *[f"x{mark}neg"] * 20]
    corpus = read(put("a.csv", "\n".join([f"text{mark}label", *rows])))
    assert corpus.texts[:2] == (f"film, a{mark}b", "film, dull")
    assert (len(corpus), corpus.counts()) == (22, {"neg": 21, "pos": 1})
    assert [r.line for r in corpus.rejected] == [5]
    assert corpus.notices == (f"a.csv: reading it as separated by {mark!r}, not by commas",)


def test_a_stray_quote_between_semicolons_swallows_nothing(put):
    path = put("a.csv", 'text;label\n"stray film;pos\n' + GOOD.replace(",", ";"))
    assert rejects(path) == [(2, STRAY, '"stray film;pos')]
    assert len(read(path)) == 40


def test_a_semicolon_in_the_name_of_the_only_column_separates_nothing(put):
    corpus = read(put("a.csv", "Review; in full\na fine film\ndull; so dull\nwarm\n"), labelled=False)
    assert corpus.texts == ("a fine film", "dull; so dull", "warm")
    assert corpus.notices == ("a.csv: taking the texts from column 'Review; in full'",)


AGAIN = "the column names again"


@pytest.mark.parametrize(
    "again",
    [
        "text,label",
        "\ufefftext,label",
        '"text","label"',
        '\ufeff"text", label ',
        "Text,Label",
        "text,label\r",
    ],
)
def test_column_names_that_come_again_are_no_row(again, put):
    path = put("a.csv", f"text,label\n{GOOD}{again}\n{GOOD}")
    assert [(line, reason) for line, reason, _ in rejects(path)] == [(42, AGAIN)]
    assert read(path).counts() == {"neg": 40, "pos": 40}
    path = put("a.tsv", f"text\tlabel\n{GOOD}{again}\n{GOOD}".replace(",", "\t"))
    assert [(line, reason) for line, reason, _ in rejects(path)] == [(42, AGAIN)]


def test_a_row_with_one_column_name_in_it_is_a_row(put):
    assert read(put("a.csv", f"text,label\n{GOOD}text,pos\n")).texts[-1] == "text"


@pytest.mark.parametrize("mark", [";", ",", "\t", "|", "^", ":"])
@pytest.mark.parametrize("line", ["sep={}", '"sep={}"', "SEP={}\r", "sep={0}{0}"])
def test_the_first_line_of_excel_names_what_separates(line, mark, put):
    rows = "".join(f'"a{mark} film {i}"{mark}{"pos" if i % 2 else "neg"}\n' for i in range(30))
    corpus = read(put("a.csv", "\ufeff" + line.format(mark) + f"\ntext{mark}label\n{rows}lost\n"))
    assert (corpus.texts[0], len(corpus)) == (f"a{mark} film 0", 30)
    assert [r.line for r in corpus.rejected] == [33]
    assert len(corpus.notices) == (mark != ",")


def test_the_first_line_of_excel_in_a_tsv(put):
    assert read(put("a.tsv", "sep=\t\ntext\tlabel\n" + GOOD.replace(",", "\t"))).texts[0] == "film 0"


@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize("text", ["good film", "good, film; so good", "good\nfilm", 'a ""good"" film'])
def test_blanks_before_quotes_are_no_part_of_a_text(text, mark, put):
    corpus = read(put("a.csv", f"label{mark} text\n" + f'pos{mark} "{text}"\nneg{mark} "{text} not"\n' * 30))
    assert set(corpus.texts) == {text.replace('""', '"'), text.replace('""', '"') + " not"}
    assert (len(corpus), corpus.notices[-1]) == (
        60,
        f"a.csv: leaving out blanks behind {mark!r}, as quotes follow them",
    )


@pytest.mark.parametrize("text", [' "Wow" is what I "say"', " good", ' so "good"'])
def test_blanks_before_other_texts_are_kept(text, put):
    corpus = read(put("a.csv", f"label,text\npos,{text}\nneg,b\n"))
    assert (corpus.texts[0], corpus.notices) == (text, ())


def test_lines_of_a_csv_end_at_line_feeds_alone(put):
    path = put("a.csv", 'text,label\na\rb\x85c\u2028d\x0ce,pos\n"f\rg",neg\r\n')
    assert read(path).texts == ("a\rb\x85c\u2028d\x0ce", "f\rg")
    assert read(put("b.csv", 'text,label\ra,pos\r"b\nc",neg\r')).texts == ("a", "b\nc")
