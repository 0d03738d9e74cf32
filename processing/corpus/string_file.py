"""Many short texts, kept in a file instead of in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from processing.corpus.token_ids import Places

_CHUNK = 1 << 16


class TextFile:
    """Texts without zero bytes, in the order in which they came."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._path.write_bytes(b"")
        self._count = 0

    def extend(self, texts: list[str]) -> None:
        """Adds texts at the end."""
        with self._path.open("ab") as file:
            file.writelines(text.encode("utf-8", "surrogatepass") + b"\0" for text in texts)
        self._count += len(texts)

    def of(self, rows: Places) -> Iterator[str]:
        """The texts with these numbers, in this order."""
        ends = self._ends()
        starts = np.append(0, ends + 1)
        with self._path.open("rb") as file:
            for start, end in zip(starts[rows].tolist(), ends[rows].tolist()):
                text = os.pread(file.fileno(), end - start, start)
                yield text.decode("utf-8", "surrogatepass")

    def _ends(self) -> Places:
        """Where each text ends."""
        passed, found = 0, [np.zeros(0, np.int64)]
        with self._path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.append(passed + np.flatnonzero(np.frombuffer(chunk, np.uint8) == 0))
                passed += len(chunk)
        return np.concatenate(found)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        rest = b""
        with self._path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                *whole, rest = (rest + chunk).split(b"\0")
                for text in whole:
                    yield text.decode("utf-8", "surrogatepass")
