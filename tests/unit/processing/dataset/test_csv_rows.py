"""CSV as spreadsheets, Spark, Kaggle and old programs write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from processing.dataset.columns import ColumnNames
from processing.dataset.table_files import open_table
from processing.errors import DataError

LABELLED = ColumnNames()
TO_SCORE = ColumnNames(label=None)

TWO = [
    {"id": "1", "text": "Fine, really; a|b", "label": "pos"},
    {"id": "2", "text": "Bad.", "label": "neg"},
]


def rows(
    folder: Path, data: bytes, columns: ColumnNames = LABELLED, name: str = "reviews.csv"
) -> list[dict[str, object]]:
    path = folder / name
    path.write_bytes(data)
    return [dict(row) for row in open_table(path, columns).rows]


def refusal(folder: Path, data: bytes, columns: ColumnNames = LABELLED) -> str:
    with pytest.raises(DataError) as refused:
        rows(folder, data, columns)
    return str(refused.value)


@pytest.mark.parametrize(
    ("delimiter", "announced"),
    [(",", ""), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_line_ends_and_encoding_are_recognised(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    delimiter: str,
    announced: str,
    end: str,
    encoding: str,
) -> None:
    lines = ["id,text,label", '1,"Fine, really; a|b",pos', "2,Bad.,neg", ""]
    quoted = '"Fine, really; a|b"'
    data = end.join(
        line.replace(quoted, "@").replace(",", delimiter).replace("@", quoted) for line in lines
    )
    assert rows(tmp_path, data.encode(encoding)) == TWO
    printed = capsys.readouterr().out
    assert (announced in printed) if announced else printed == ""


def test_the_header_decides_not_the_texts(tmp_path: Path) -> None:
    data = "Text;Ünïts,text,label\na;b;c;d,One; two,pos\n".encode()
    assert [row["text"] for row in rows(tmp_path, data)] == ["One; two"]


def test_a_table_of_texts_alone_is_separated_by_commas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rows(tmp_path, b"text\nFine; really\n", TO_SCORE) == [{"text": "Fine; really"}]
    assert capsys.readouterr().out == ""


def test_columns_that_no_delimiter_yields_are_listed_by_the_one_that_yields_most(
    tmp_path: Path,
) -> None:
    message = refusal(tmp_path, b"score;comment;date\n1;Fine, really;2026\n")
    assert "'score', 'comment', 'date'" in message


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"'])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_excels_sep_line_sets_the_delimiter(tmp_path: Path, line: str, mark: bytes) -> None:
    data = mark + f"{line}\r\ntext;label\r\nFine;pos\r\n".encode()
    assert rows(tmp_path, data) == [{"text": "Fine", "label": "pos"}]
    assert refusal(tmp_path, data + b"a;b;c\r\n").startswith("reviews.csv: line 4: ")


def test_a_row_that_does_not_fit_is_refused_with_the_delimiters_name(tmp_path: Path) -> None:
    message = refusal(tmp_path, b"text;label\nFine;pos\nOne; two;neg\n")
    assert message.startswith("reviews.csv: line 3: the header has 2 cells, this row 3; ")
    assert "semicolons" in message


def test_quotes_in_a_cell_without_quotes_belong_to_the_text(tmp_path: Path) -> None:
    data = b'text,label\nA 15" screen and "more",pos\n'
    assert rows(tmp_path, data)[0]["text"] == 'A 15" screen and "more"'


def test_a_carriage_return_in_a_cell_without_quotes_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, b"text,label\nFine,pos\nOne\rtwo,neg\n")
    assert message.startswith("reviews.csv: line 3: a carriage return in a cell ")


SPARK = (
    rb"""text,label
"He said \"no\", twice",pos
plain C:\dir,neg
"Two
lines and a \"quote\"",pos
"\"Quoted\" from the start",neg
"15\"",pos
"C:\\dir, \n",neg
""",
    [
        'He said "no", twice',
        "plain C:\\dir",
        'Two\nlines and a "quote"',
        '"Quoted" from the start',
        '15"',
        "C:\\dir, \\n",
    ],
)


def test_quotes_escaped_by_backslashes_are_read_and_announced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, texts = SPARK
    assert [row["text"] for row in rows(tmp_path, data)] == texts
    printed = capsys.readouterr().out
    assert printed == "reviews.csv: line 2: quotes are escaped by backslashes\n"


def test_rows_before_the_first_escaped_quote_are_kept(tmp_path: Path) -> None:
    plain = b'"Fine, ""really"", ends in \\",pos\n' * 3
    found = rows(tmp_path, b"text,label\n" + plain + b'"A \\"b\\" c",neg\n')
    assert [row["text"] for row in found] == ['Fine, "really", ends in \\'] * 3 + ['A "b" c']


def test_kaggles_tab_separated_reviews_are_read(tmp_path: Path) -> None:
    data = (
        b'id\tsentiment\treview\n"5814_8"\t1\t"With all this \\"stuff\\" going down"\n'
        b'"2381_9"\t1\t"\\"The Classic War\\" by Timothy Hines"\n'
    )
    columns = ColumnNames(text="review", label="sentiment")
    assert [row["review"] for row in rows(tmp_path, data, columns, "labeledTrainData.tsv")] == [
        'With all this "stuff" going down',
        '"The Classic War" by Timothy Hines',
    ]


def test_a_broken_row_with_a_backslash_is_refused_with_its_line(tmp_path: Path) -> None:
    message = refusal(tmp_path, b'text,label\nFine,pos\n"C:\\dir\\",pos,more\nBad,neg\n')
    assert message.startswith("reviews.csv: line 3: ")


def test_utf16_that_is_cut_is_refused(tmp_path: Path) -> None:
    data = "text,label\nFine,pos\n".encode("utf-16")
    assert "not UTF-16" in refusal(tmp_path, data[:-1])
