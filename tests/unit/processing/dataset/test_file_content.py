"""Formats by the first bytes of files, and what is refused with a remedy."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

import pytest

from processing.dataset.files.file_content import (
    CSV,
    JSON,
    PARQUET,
    TAR,
    ZIP,
    FileFormat,
    file_format,
)
from processing.errors import DataError
from tests.support.archives import header, zipped

TABLE = b"text,label\nFine.,pos\n"


def zip_of(*names: str) -> bytes:
    return zipped(dict.fromkeys(names, TABLE))


def found(folder: Path, data: bytes, name: str = "reviews.csv") -> FileFormat:
    path = folder / name
    path.write_bytes(data)
    return file_format(path)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (TABLE, CSV),
        (b"text\n", CSV),
        (b"[text],[label]\n", CSV),
        (b'\xef\xbb\xbf "text"\t"label"', CSV),
        (b"caf\xe9,label\n", CSV),
        (b'{"text": 1}', JSON),
        (b" [\n  {", JSON),
        (b"PAR1 and so on", PARQUET),
        (header() + bytes(1024), TAR),
        (zip_of("a.csv"), ZIP),
    ],
)
@pytest.mark.parametrize("name", ["reviews.csv", "reviews.parquet", "0123456789abcdef"])
def test_the_first_bytes_decide(tmp_path: Path, data: bytes, kind: str, name: str) -> None:
    assert found(tmp_path, data, name) == FileFormat(kind)


@pytest.mark.parametrize(
    ("data", "compression"),
    [
        (gzip.compress(TABLE), "gzip"),
        (bz2.compress(TABLE), "bzip2"),
        (lzma.compress(TABLE), "xz"),
    ],
)
def test_compression_is_recognised(tmp_path: Path, data: bytes, compression: str) -> None:
    assert found(tmp_path, data) == FileFormat(CSV, compression)
    assert str(found(tmp_path, data)) == f"csv, {compression}"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_needs_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    assert found(tmp_path, ("\ufeff" + TABLE.decode()).encode(encoding)).encoding == "utf-16"
    with pytest.raises(DataError, match=r"^reviews\.csv: UTF-16 without a byte order mark; "):
        found(tmp_path, TABLE.decode().encode(encoding))


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (zip_of("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), "an Excel workbook; "),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "an Excel workbook; "),
        (zip_of("[Content_Types].xml", "word/document.xml"), "a Word document; "),
        (zip_of("mimetype", "content.xml"), "an OpenDocument file; "),
        (LFS, "a Git LFS pointer, "),
        (b"\n<!DOCTYPE html>\n<html>", "an HTML page, "),
        (b"\xef\xbb\xbf<HTML lang=en>", "an HTML page, "),
        (b'<?xml version="1.0"?><Error>', "XML, "),
        (gzip.compress(b"<html>"), "an HTML page, "),
        (TABLE.decode().encode("utf-32"), "UTF-32; "),
        (gzip.compress(gzip.compress(TABLE)), "compressed twice "),
        (gzip.compress(zip_of("a.csv")), "a zip archive compressed with gzip; "),
        (b"\x28\xb5\x2f\xfd" + bytes(9), "compressed with Zstandard; "),
        (b"ARROW1\0\0", "an Arrow file; "),
        (b"SQLite format 3\0", "an SQLite database; "),
        (bytes(1_000), "neither a table nor an archive; "),
        (b"PK\x03\x04" + bytes(30), "damaged zip archive "),
        (gzip.compress(TABLE)[:20], "truncated; "),
        (b"BZh91AY&SY" + bytes(90), "damaged bzip2 stream "),
        (b"", "empty; "),
        (gzip.compress(b""), "empty; "),
    ],
)
def test_other_formats_are_refused_with_their_names(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(DataError) as refused:
        found(tmp_path, data)
    assert str(refused.value).startswith(f"reviews.csv: {what}")


def test_the_message_names_the_source(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    path.write_bytes(LFS)
    with pytest.raises(DataError, match=r"^s3://bucket/raw/reviews\.csv: a Git LFS pointer"):
        file_format(path, "s3://bucket/raw/reviews.csv")
