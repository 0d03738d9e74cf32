"""The format of a file by its first bytes; its name doesn't matter. Standard library only."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from processing.dataset.files.compression import compression_of, damage_reported, decompressed
from processing.dataset.files.foreign_formats import refuse_binary, refuse_documents, refuse_foreign
from processing.dataset.files.tar_stream import BLOCK, is_header
from processing.errors import DataError

CSV, JSON, PARQUET, TAR, ZIP = "csv", "json", "parquet", "tar", "zip"

PARQUET_MAGIC = b"PAR1"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # the second is that of an empty archive
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD_BYTES = 1 << 12
_JSON = re.compile(r'\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[\[{\]"]|$))')
"""The first characters of JSON: a header of CSV doesn't begin like an object or like a list."""

_JSON_NAME = re.compile(r"\.(json|jsonl|ndjson)(\.\w+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class FileFormat:
    """What a file holds, how it is compressed ("" if it isn't), and the encoding of text."""

    kind: str
    compression: str = ""
    encoding: str = "utf-8"

    def __str__(self) -> str:
        return f"{self.kind}, {self.compression}" if self.compression else self.kind

    @property
    def is_table(self) -> bool:
        """Whether it holds rows."""
        return self.kind in (CSV, JSON, PARQUET)


def file_format(path: Path, source: str = "") -> FileFormat:
    """Return the format of a file.

    source: what messages call it. Raise DataError, with the remedy, for a format that isn't read.
    """
    source = source or path.name
    try:
        with path.open("rb") as file:
            plain, compression = decompressed(file)
            with plain, damage_reported(source, compression):
                start = plain.read(_HEAD_BYTES)
    except OSError as error:
        raise DataError(f"{source}: can't be read ({error.strerror})") from error
    if not start:
        if _JSON_NAME.search(path.name):
            return FileFormat(JSON)  # a part of an export without rows
        raise DataError(f"{source}: empty; expected a header and rows")
    if compression and (twice := compression_of(start)):
        raise DataError(f"{source}: compressed twice ({compression}, {twice}); decompress it once")
    if start.startswith(_ZIP_MAGIC):
        if compression:
            raise DataError(f"{source}: a zip archive compressed with {compression}; decompress it")
        refuse_documents(path, source)
        return FileFormat(ZIP)
    if start.startswith(PARQUET_MAGIC):
        return FileFormat(PARQUET, compression)
    if is_header(start[:BLOCK]):
        return FileFormat(TAR, compression)
    refuse_foreign(start, source)
    if start.startswith(_UTF16):
        return FileFormat(_kind_of_text(start.decode("utf-16", "ignore")), compression, "utf-16")
    refuse_binary(start, source)
    return FileFormat(_kind_of_text(start.decode("utf-8-sig", "replace")), compression)


def _kind_of_text(start: str) -> str:
    r"""Return the kind of a text by its first characters.

    >>> [_kind_of_text(text) for text in ('{"text": 1}', '[\n {', "[text],[label]", "text,label")]
    ['json', 'json', 'csv', 'csv']
    """
    return JSON if _JSON.match(start) else CSV
