"""A lower bound for reading the reviews with Python.

``python -m benchmarks.baselines.lower_bound ARCHIVE`` unzips the archive, finds its members by the
sizes in their headers, decodes, lower-cases, translates and splits every text in compiled code. It
checks nothing and doesn't look at any word.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness.stages import StageTimer

_BLOCK = 512
_KEPT = bytes(byte if chr(byte).isascii() and chr(byte).isalnum() else 0x20 for byte in range(256))


def texts(plain: bytes) -> Iterator[str]:
    """Yield the contents of a tar archive's regular files."""
    at = 0
    while at < len(plain) and plain[at]:
        size = int(plain[at + 124 : at + 135], 8)
        if plain[at + 156 : at + 157] in b"0\0":
            yield plain[at + _BLOCK : at + _BLOCK + size].decode()
        at += _BLOCK + (size + _BLOCK - 1) // _BLOCK * _BLOCK


def main(archive: Path) -> None:
    """Run the stages."""
    timer = StageTimer()
    with timer.stage("gunzip"):
        plain = gzip.decompress(archive.read_bytes())
    with timer.stage("untar, decode"):
        decoded = list(texts(plain))
    with timer.stage("split"):
        words = 0
        for text in decoded:
            words += len(text.lower().encode("ascii", "replace").translate(_KEPT).split())
    print(f"{len(decoded):,} files, {words:,} words")
    timer.print()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
