"""The floor: what nobody who reads the reviews with Python gets below.

``python -m benchmarks.baselines.floor ARCHIVE``: the archive unzipped, its members found by their
headers' sizes and decoded, every text lower-cased, translated and split by compiled code. Nothing
is checked, no word is looked at.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.parts import Parts

_BLOCK = 512
_KEPT = bytes(byte if chr(byte).isascii() and chr(byte).isalnum() else 0x20 for byte in range(256))


def texts(plain: bytes) -> Iterator[str]:
    """The contents of a tar archive's regular files."""
    at = 0
    while at < len(plain) and plain[at]:
        size = int(plain[at + 124 : at + 135], 8)
        if plain[at + 156 : at + 157] in b"0\0":
            yield plain[at + _BLOCK : at + _BLOCK + size].decode()
        at += _BLOCK + (size + _BLOCK - 1) // _BLOCK * _BLOCK


def main(archive: Path) -> None:
    """Does it, a part at a time."""
    parts = Parts()
    with parts.part("gunzip"):
        plain = gzip.decompress(archive.read_bytes())
    with parts.part("untar, decode"):
        decoded = list(texts(plain))
    with parts.part("split"):
        words = 0
        for text in decoded:
            words += len(text.lower().encode("ascii", "replace").translate(_KEPT).split())
    print(f"{len(decoded):,} files, {words:,} words")
    parts.tell()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
