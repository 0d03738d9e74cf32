"""Many short strings in a file instead of in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from processing.corpus.token_ids import Offsets

CHUNK_BYTES = 1 << 16


class StringFile:
    """A list of strings without zero bytes, in a file that is created empty."""

    def __init__(self, path: Path, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._path = path
        self._path.write_bytes(b"")
        self._count = 0
        self._chunk_bytes = chunk_bytes

    def extend(self, strings: list[str]) -> None:
        """Append strings."""
        with self._path.open("ab") as file:
            file.writelines(text.encode("utf-8", "surrogatepass") + b"\0" for text in strings)
        self._count += len(strings)

    def select(self, rows: Offsets) -> Iterator[str]:
        """Yield the strings with these numbers, in this order."""
        ends = self._ends()
        starts = np.append(0, ends + 1)
        with self._path.open("rb") as file:
            for start, end in zip(starts[rows].tolist(), ends[rows].tolist()):
                yield _decoded(os.pread(file.fileno(), end - start, start))

    def _ends(self) -> Offsets:
        """Return the position of the zero byte that ends each string."""
        position, found = 0, [np.zeros(0, np.int64)]
        for chunk in self._chunks():
            found.append(position + np.flatnonzero(np.frombuffer(chunk, np.uint8) == 0))
            position += len(chunk)
        return np.concatenate(found)

    def _chunks(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(self._chunk_bytes):
                yield chunk

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        rest = b""
        for chunk in self._chunks():
            *whole, rest = (rest + chunk).split(b"\0")
            yield from map(_decoded, whole)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
