"""Tiny archives and corpora for the tests of ``processing``."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from processing.corpus.corpus import Corpus, read_corpus
from processing.dataset.reviews import Batch
from processing.worker_pool import WorkerPool

Entries = Mapping[str, bytes] | Iterable[tuple[str, bytes]]


def write_tar(path: Path, entries: Entries, form: int = tarfile.GNU_FORMAT) -> Path:
    """A tar archive of regular files, gzip-compressed if ``path`` ends in ``.gz``."""
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    mode: Literal["w:gz", "w"] = "w:gz" if path.suffix == ".gz" else "w"
    with tarfile.open(path, mode, format=form) as archive:
        for name, data in pairs:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def tiny_dataset(path: Path) -> Path:
    """A dataset that can be divided and trained on, of eight reviews."""
    counts = {"train/pos": 3, "train/neg": 3, "test/pos": 1, "test/neg": 1}
    return write_tar(
        path,
        {
            f"{folder}/{number}.txt": f"A {folder} film {number}.".encode()
            for folder, count in counts.items()
            for number in range(count)
        },
    )


def write_members(path: Path, *members: tarfile.TarInfo, form: int = tarfile.GNU_FORMAT) -> Path:
    """A tar archive of members without content: links, devices, folders."""
    with tarfile.open(path, "w", format=form) as archive:
        for member in members:
            archive.addfile(member)
    return path


def special(name: str, kind: bytes, linkname: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = linkname
    return member


def header(name: str = "a.txt", kind: bytes = b"0", **fields: bytes) -> bytes:
    """A ustar header made by hand; ``size`` and ``checksum`` may be any bytes."""
    block = bytearray(512)
    block[: len(name)] = name.encode()
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[124:136] = fields.get("size", b"00000000000\0").ljust(12, b"\0")
    block[148:156] = b" " * 8
    block[148:156] = fields.get("checksum", b"%06o\0 " % sum(block))
    return bytes(block)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def batches_of(texts: Mapping[str, str], size: int = 1_000) -> Iterator[Batch]:
    """The texts in batches of ``size`` reviews."""
    names = list(texts)
    for start in range(0, len(names), size):
        chosen = names[start : start + size]
        yield batch(chosen, [texts[name].encode() for name in chosen])


def batch(names: list[str], texts: list[bytes]) -> Batch:
    """Reviews named as in an archive, so that their names have set and label."""
    parts = [name.split("/") for name in names]
    return Batch(
        names,
        [*texts],
        [label for _, label, _ in parts],
        [subset for subset, *_ in parts],
    )


def corpus_of(folder: Path, texts: Mapping[str, str], size: int = 1_000) -> Corpus:
    return read_corpus(batches_of(texts, size), WorkerPool(1), folder / "ids")


def named_corpus(folder: Path, names: Iterable[str]) -> Corpus:
    """A corpus whose texts don't matter."""
    listed = list(names)
    return read_corpus([batch(listed, [b"word"] * len(listed))], WorkerPool(1), folder / "ids")
