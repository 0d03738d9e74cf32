"""Many short texts, kept in a file instead of in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_CHUNK = 1 << 16


class TextFile:
    """Texts without zero bytes, in the order in which they came; read from front to back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._path.write_bytes(b"")
        self._count = 0

    def extend(self, texts: list[str]) -> None:
        """Adds texts at the end."""
        with self._path.open("ab") as file:
            file.writelines(text.encode("utf-8", "surrogatepass") + b"\0" for text in texts)
        self._count += len(texts)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        rest = b""
        with self._path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                *whole, rest = (rest + chunk).split(b"\0")
                for text in whole:
                    yield text.decode("utf-8", "surrogatepass")
