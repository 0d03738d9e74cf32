"""Files that people give as tables and that aren't: each is named, with the remedy."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from processing.errors import DataError

_EXCEL = "an Excel workbook; save it as CSV UTF-8"
_AS_PARQUET = "write its rows as Parquet or JSON lines"
_HTML = "an HTML page, not data; use the address of the file itself"

_SIGNATURES = (
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer, not data; run git lfs pull"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _EXCEL),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard; decompress it"),
    (b"\x04\x22\x4d\x18", "compressed with LZ4; decompress it"),
    (b"\xff\x06\0\0sNaPpY", "compressed with Snappy; decompress it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; pack its files as .zip or .tar.gz"),
    (b"Rar!\x1a\x07", "a RAR archive; pack its files as .zip or .tar.gz"),
    (b"ARROW1", f"an Arrow file; {_AS_PARQUET}"),
    (b"ORC", f"an ORC file; {_AS_PARQUET}"),
    (b"Obj\x01", f"an Avro file; {_AS_PARQUET}"),
    (b"\x89HDF\r\n\x1a\n", f"an HDF5 file; {_AS_PARQUET}"),
    (b"SQLite format 3\0", f"an SQLite database; {_AS_PARQUET}"),
    (b"%PDF-", "a PDF document; give a table of its texts"),
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(!doctype html|html|head|body|\?xml)\b", re.IGNORECASE)
_UTF32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_AS_UTF8 = "save it as UTF-8"

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_MAX_CONTROLS = 0.1  # of the first bytes of a text
_PROBED = 64  # bytes of a header in which UTF-16 is recognised

_DOCUMENTS = (
    (("[Content_Types].xml", "xl/"), _EXCEL),
    (("[Content_Types].xml", "word/"), "a Word document; give a table of its texts"),
    (("mimetype", "content.xml"), "an OpenDocument file; save it as CSV UTF-8"),
    (("Index/Document.iwa",), "a Numbers or Pages document; export it as CSV UTF-8"),
)
"""Names of files in office documents, which are zip archives, or how they begin."""


def refuse_foreign(start: bytes, source: str) -> None:
    """Raise DataError if a file begins like one of a known, other format.

    start: its first bytes, decompressed. source: what messages call it.
    """
    for signature, what in _SIGNATURES:
        if start.startswith(signature):
            raise DataError(f"{source}: {what}")
    if markup := _MARKUP.match(start):
        is_xml = markup[1].lower() == b"?xml"
        raise DataError(f"{source}: {'XML, not a table; export it as CSV' if is_xml else _HTML}")
    if start.startswith(_UTF32):
        raise DataError(f"{source}: UTF-32; {_AS_UTF8}")
    if _is_utf16(start[:_PROBED]):
        raise DataError(f"{source}: UTF-16 without a byte order mark; {_AS_UTF8}")


def refuse_binary(start: bytes, source: str) -> None:
    """Raise DataError if a file doesn't begin like text."""
    if len(start) - len(start.translate(None, _CONTROLS)) > len(start) * _MAX_CONTROLS:
        raise DataError(
            f"{source}: neither a table nor an archive; give CSV, JSON lines, Parquet, tar or zip"
        )


def refuse_documents(path: Path, source: str) -> None:
    """Raise DataError if a zip archive is a document of an office program, or damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise DataError(f"{source}: damaged zip archive ({error}); fetch it again") from None
    for parts, what in _DOCUMENTS:
        if all(any(name.startswith(part) for name in names) for part in parts):
            raise DataError(f"{source}: {what}")


def _is_utf16(start: bytes) -> bool:
    """Return whether every other byte is zero: Latin letters in UTF-16, without a mark.

    >>> _is_utf16("text,label".encode("utf-16-le")), _is_utf16(b"text,label"), _is_utf16(bytes(8))
    (True, False, False)
    """
    even, odd = start[0::2], start[1::2]
    return len(start) > 3 and (
        (not any(odd) and all(even[: len(odd)])) or (not any(even) and all(odd))
    )
