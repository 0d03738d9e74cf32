"""Tiny archives and corpora for the tests of ``processing``."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from processing.corpus import Corpus, read_corpus
from processing.reviews import Review

Entries = Mapping[str, bytes] | Iterable[tuple[str, bytes]]


def write_tar(path: Path, entries: Entries, form: int = tarfile.GNU_FORMAT) -> Path:
    """A tar archive of regular files, gzip-compressed if ``path`` ends in ``.gz``."""
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    mode = "w:gz" if path.suffix == ".gz" else "w"
    with tarfile.open(path, mode, format=form) as archive:
        for name, data in pairs:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


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


def review(name: str, text: str) -> Review:
    half, folder, _ = name.split("/")
    return Review(name=name, half=half, label=int(folder == "pos"), text=text)


def corpus_of(folder: Path, texts: Mapping[str, str]) -> Corpus:
    return read_corpus((review(name, text) for name, text in texts.items()), folder / "ids")


def named_corpus(folder: Path, names: Iterable[str]) -> Corpus:
    """A corpus whose texts don't matter."""
    return read_corpus((review(name, "word") for name in names), folder / "ids")
