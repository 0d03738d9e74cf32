"""Small datasets of every kind that people have, also of those that are refused."""

from __future__ import annotations

import bz2
import csv
import datetime
import gzip
import io
import json
import lzma
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from tests.support.archives import write_tar, zipped

Row = tuple[Any, ...]
Prepare = Callable[[Path], None]

HEADER = ("text", "label")


def rows(count: int = 12, first: int = 0, labels: Sequence[Any] = ("pos", "neg")) -> list[Row]:
    """Texts, which differ, and labels in turn."""
    return [
        (f'A film, "{word}" {number}; café', labels[number % len(labels)])
        for number in range(first, first + count)
        for word in ["great" if number % 2 else "awful"]
    ]


def table(found: Iterable[Row], header: Sequence[str] = HEADER, **options: Any) -> bytes:
    """A CSV file."""
    file = io.StringIO(newline="")
    csv.writer(file, **options).writerows([header, *found])
    return file.getvalue().encode()


def lines(found: Iterable[Row], header: Sequence[str] = HEADER) -> bytes:
    """A file of JSON lines, without keys for None."""
    objects = [{k: v for k, v in zip(header, row, strict=True) if v is not None} for row in found]
    return "".join(json.dumps(each) + "\n" for each in objects).encode()


def parquet(found: Sequence[Row], header: Sequence[str] = HEADER, *types: Any) -> bytes:
    """A Parquet file with several row groups."""
    cells = list(zip(*found, strict=True)) or [()] * len(header)
    kinds = types or [None] * len(header)
    arrays = [pyarrow.array(list(each), kind) for each, kind in zip(cells, kinds, strict=True)]
    file = io.BytesIO()
    columns = pyarrow.Table.from_arrays(arrays, names=list(header))
    pyarrow.parquet.write_table(columns, file, row_group_size=5)
    return file.getvalue()


def files(**content: bytes) -> Prepare:
    """Write files by name, in which ``__`` is a dot and ``___`` a slash."""
    return of({name.replace("___", "/").replace("__", "."): data for name, data in content.items()})


def of(content: dict[str, bytes]) -> Prepare:
    """Write files by path."""

    def prepare(raw: Path) -> None:
        for name, data in content.items():
            (raw / name).parent.mkdir(parents=True, exist_ok=True)
            (raw / name).write_bytes(data)

    return prepare


def _escaped(found: Iterable[Row]) -> bytes:
    return table(found, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\")


TEXTS = {
    f"reviews/{split}/{label}/{number}.txt": f"film {label} {number} {split}".encode()
    for split in ("train", "test", "unsup")
    for label in ("pos", "neg")
    for number in range(9)
}
BINARY, LARGE = pyarrow.binary(), pyarrow.large_string()


def every_format(raw: Path) -> None:
    """Files of all formats, compressions and dialects side by side, without splits."""
    of(
        {
            "01.csv": table(rows(first=100)),
            "02.tsv": table(rows(first=200), ("Review", "Sentiment"), delimiter="\t"),
            "03.csv": table(rows(first=300), ("body", "polarity"), delimiter=";"),
            "04.csv": b"sep=|\r\n" + table(rows(first=400), delimiter="|"),
            "05.csv": table(rows(first=500)).replace(b"\r\n", b"\r"),
            "06.csv": table(rows(first=600)).decode().encode("utf-16"),
            "07.csv": b"\xef\xbb\xbf" + _escaped(rows(first=700)),
            "08.csv.xz": lzma.compress(table(rows(first=800))),
            "09.ndjson.bz2": bz2.compress(lines([*rows(first=900), ("x", None), (None, "pos")])),
            "10.json": b"[" + lines(rows(first=1000)).strip().replace(b"\n", b",\n") + b"]",
            "11.jsonl.gz": gzip.compress(lines(rows(first=1100))),
            "12.csv": gzip.compress(lines(rows(first=1200))),
            "13.parquet": parquet(rows(first=1300), ("Text", "Label"), BINARY, BINARY),
            "14.parquet.gz": gzip.compress(parquet(rows(first=1400))),
            "15.zip": zipped(
                {
                    "a.csv": table(rows(first=1500)),
                    "b/b.parquet": parquet(rows(first=1600)),
                    "README.md": b"ignored",
                    "notes.txt": b"ignored",
                    "__MACOSX/._a.csv": b"ignored",
                }
            ),
            "16/label=Pos/p 1.parquet": parquet([(text,) for text, _ in rows(9, 1700)], ["text"]),
            "16/label=neg/p 1.parquet": parquet([(text,) for text, _ in rows(9, 1800)], ["text"]),
            "17/_SUCCESS": b"",
            "17/part-0.snappy.parquet": parquet(rows(first=1900), HEADER, LARGE, LARGE),
            "17/part-1.snappy.parquet": parquet([], HEADER, LARGE, LARGE),
            "17/part-2.snappy.parquet": parquet([], HEADER, LARGE, LARGE),
            "18.csv": zipped({"x.jsonl": lines(rows(first=2000))}),
            "dataset_info.json": b"{}",
        }
    )(raw)
    write_tar(raw / "19.tar.gz", {"x/a.csv": table(rows(first=2100)), "x/LICENSE": b"ignored"})


IDS = [
    ("int64", pyarrow.int64(), range(100, 190)),
    ("uint64", pyarrow.uint64(), range(2**63, 2**63 + 90)),
    ("uint32", pyarrow.uint32(), range(2**31, 2**31 + 90)),
    ("int8", pyarrow.int8(), range(90)),
    ("float", pyarrow.float32(), [1_000 + number / 8 for number in range(90)]),
    ("double", pyarrow.float64(), [2_000 + number / 7 for number in range(90)]),
    ("decimal", pyarrow.decimal128(9, 2), [3_000 + Decimal(number) / 4 for number in range(90)]),
]


def ids_and_labels_of_other_types(raw: Path) -> None:
    """Parquet with ids of all types of numbers, labels of two, and splits."""
    splits = ("train", "TRAIN ", "Test", "unsup", "validation", "test")
    for name, kind, ids in IDS:
        by_number = [
            (id_, f"film {name} {number}", bool(number // 6 % 2), splits[number % 6])
            for number, id_ in enumerate(ids)
        ]
        types = (kind, LARGE, pyarrow.bool_(), pyarrow.dictionary(pyarrow.int8(), pyarrow.utf8()))
        header = ("id", "text", "label", "split")
        (raw / f"{name}.parquet").write_bytes(parquet(by_number, header, *types))


ACCEPTED: dict[str, Prepare] = {
    "every format": every_format,
    "a zip archive of texts": files(reviews__zip=zipped(TEXTS)),
    "splits by path": files(
        train___a__csv=table(rows(40)),
        train___b__parquet=parquet(rows(first=40)),
        dev__jsonl=lines(rows(first=60)),
        test__parquet__gz=gzip.compress(parquet(rows(first=80))),
        unsupervised__csv=table(rows(first=90)),
    ),
    "a single file without a suffix": files(reviews=parquet(rows(60, labels=(4.0, 0.0)))),
    "names of a split that isn't train": files(test__parquet=parquet(rows(60))),
    "names with characters of URLs and patterns": of(
        {
            "a:b/c#d?.parquet": parquet(rows(40)),
            "a%20b/[1]*{c,d}.parquet": parquet(rows(first=40)),
            "day=2026-11-29 10%3A00/é \\.parquet": parquet(rows(first=60)),
        }
    ),
    "types of columns": ids_and_labels_of_other_types,
}

ID, SPLIT = ("text", "label", "id"), ("text", "label", "split")
NESTED = [(*row, [1]) for row in rows()]
TIMES = [(*row, datetime.datetime(2026, 1, 1)) for row in rows()]
BAD_SPLIT = [(*row, "train" if number else "nope") for number, row in enumerate(rows())]
NO_ID = [(*row, str(number) if number != 4 else None) for number, row in enumerate(rows())]
NO_FIRST_ID = [(*row, str(number) if number > 7 else None) for number, row in enumerate(rows())]
TWICE = [(*row, str(number % 11)) for number, row in enumerate(rows())]
NOT_UTF8 = [
    (b"caf\xe9" if number == 7 else b"x", label) for number, (_, label) in enumerate(rows())
]
MANY = rows(300, labels=[f"label {number}" for number in range(300)])


def invalid_utf8(raw: Path) -> None:
    """A column of text, by its type, that isn't UTF-8."""
    arrays = [
        pyarrow.array([text for text, _ in NOT_UTF8]).cast(pyarrow.utf8(), safe=False),
        pyarrow.array([label for _, label in NOT_UTF8]),
    ]
    pyarrow.parquet.write_table(
        pyarrow.Table.from_arrays(arrays, names=list(HEADER)), raw / "a.parquet"
    )


def _damaged(content: bytes) -> bytes:
    middle = len(content) // 3
    return content[:middle] + bytes(200) + content[middle + 200 :]


LONG = parquet([(f"{number * 7919 % 10007} " * 9, "pn"[number % 2]) for number in range(300)])

REFUSED: dict[str, Prepare] = {
    "nothing": files(),
    "an empty file": files(a__csv=b""),
    "the same data twice by name": files(a__parquet=parquet(rows()), a__csv=table(rows())),
    "the same table twice": files(a__csv=table(rows()), b__csv=table(rows())),
    "the same Parquet file twice": files(a__parquet=parquet(rows()), b__parquet=parquet(rows())),
    "no training set": files(dev__csv=table(rows()), test__parquet=parquet(rows())),
    "some given splits": files(
        train__csv=table(rows()), b__parquet=parquet(rows(first=30)), c__csv=b"text\nx\n"
    ),
    "some given splits before a bad row": files(
        a__csv=table(rows()), b__parquet=parquet(BAD_SPLIT[::-1], SPLIT)
    ),
    "a missing column": files(a__parquet=parquet(rows(), ("a", "b"))),
    "several columns": files(a__parquet=parquet(NO_ID, ("review", "body", "label"))),
    "a column twice": files(a__parquet=parquet(NO_ID, ("text", "label", "label"))),
    "a text that is numbers": files(a__parquet=parquet([(1, "a"), (2, "b")])),
    "labels that are lists": files(a__parquet=parquet(NESTED, ("text", "x", "label"))),
    "ids that are times": files(a__parquet=parquet(TIMES, ID)),
    "a bad split": files(a__parquet=parquet(BAD_SPLIT, SPLIT)),
    "a split that is a number": files(a__parquet=parquet([("x", "a", 1)], SPLIT)),
    "a row without an id": files(a__parquet=parquet(NO_ID, ID)),
    "a first row without an id": files(a__parquet=parquet(NO_FIRST_ID, ID)),
    "a first row of JSON without an id": files(a__jsonl=lines(NO_FIRST_ID, ID)),
    "the same id twice, and too few": files(
        a__parquet=parquet([(*row[:2], "1") for row in rows()], ID)
    ),
    "the same id twice": files(a__parquet=parquet(TWICE, ID)),
    "too few": files(a__parquet=parquet([*rows(2), *rows(4, 4)])),
    "three labels": files(a__parquet=parquet(rows(labels="abc"))),
    "a label for each text": files(a__parquet=parquet(MANY), b__csv=table(rows())),
    "text that isn't UTF-8": invalid_utf8,
    "bytes that aren't UTF-8": files(a__parquet=parquet(NOT_UTF8, HEADER, BINARY, LARGE)),
    "a table that isn't UTF-8": files(a__csv=b"text,label\ncaf\xe9,pos\n"),
    "a truncated gzip stream": files(a__csv__gz=gzip.compress(table(rows()))[:-9]),
    "a web page": files(a__csv=b"<!DOCTYPE html><html></html>"),
    "UTF-16 without a byte order mark": files(a__csv=table(rows()).decode().encode("utf-16-le")),
    "a truncated Parquet file": files(a__parquet=parquet(rows())[:-20]),
    "a damaged Parquet file": files(a__parquet=LONG[:4] + LONG[5:], b__parquet=_damaged(LONG)),
    "a bad row before a damaged Parquet file": files(
        a__parquet=parquet(BAD_SPLIT, SPLIT), b__parquet=_damaged(LONG)
    ),
    "a bad row before bad columns": files(
        a__jsonl=lines(NO_ID, ID), b__parquet=parquet(rows(), ("a", "b")), c__csv=b"x\n1\n"
    ),
    "a bad table in an archive": files(a__zip=zipped({"x/a.csv": b"a,b\n1,2\n", "b.csv": b"c\n"})),
    "a damaged archive": files(a__zip=zipped({"a.csv": table(rows())})[:-30]),
    "an archive in archives": files(
        a__zip=zipped({"b.zip": zipped({"c.zip": zipped({"d.zip": zipped({"e.csv": b"e"})})})})
    ),
    "texts without a class": files(
        a__zip=zipped({n: t for n, t in TEXTS.items() if "test/neg" not in n})
    ),
}
