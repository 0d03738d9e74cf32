"""The tar reader: equal to the standard library's, and what it refuses."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from processing.dataset.files.tar_stream import MAX_WANTED_BYTES, members
from processing.errors import DataError
from tests.support.archives import (
    header,
    padded,
    special,
    write_members,
    write_tar,
)

END = bytes(1024)
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}

# Sizes around the block of 512 bytes, and names around the header's 100 and ustar's 255.
USTAR_FILES = {
    "empty.txt": b"",
    "one.txt": b"1",
    "block-less-one.txt": b"a" * 511,
    "block.txt": b"b" * 512,
    "block-and-one.txt": b"c" * 513,
    "folder/large.bin": bytes(range(256)) * 100,
    "n" * 100: b"name of 100",
    "f" * 99 + "/" + "n" * 99: b"name of 199",
    "f" * 150 + "/" + "n" * 100: b"name of 251",
}
LONG_NAMES = {
    "n" * 101: b"name of 101",
    "d/" * 200 + "deep.txt": b"deep",
    "ünïcödé/" + "é" * 90 + ".txt": b"two bytes a letter",
    "after.txt": b"a short name after long ones",
}


class Source(io.RawIOBase):
    """A stream that counts the bytes that were read."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._content.readinto(buffer)
        self.given += count
        return count


def read(path: Path, wanted: Callable[[str], object] | None = None) -> list[tuple[str, bytes]]:
    source = Source(path.read_bytes())
    found = members(source, path.name, wanted or (lambda name: True))
    return [(member.name, member.data) for member in found]


def written(tmp_path: Path, content: bytes | bytearray, name: str = "reviews.tar") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path.name}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path.name}: ")


def read_by_tarfile(path: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive]
        return [(name, file.read()) for name, file in files if file]


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
@pytest.mark.parametrize(
    ("form", "files"),
    [
        pytest.param("ustar", USTAR_FILES, id="ustar"),
        pytest.param("gnu", USTAR_FILES | LONG_NAMES, id="gnu"),
        pytest.param("pax", USTAR_FILES | LONG_NAMES, id="pax"),
    ],
)
def test_files_are_read_as_tarfile_reads_them(
    tmp_path: Path, form: str, files: dict[str, bytes], suffix: str
) -> None:
    path = write_tar(tmp_path / f"reviews{suffix}", files, FORMATS[form])
    assert read(path) == read_by_tarfile(path) == list(files.items())


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS.keys())
def test_folders_are_ignored(tmp_path: Path, form: int) -> None:
    path = tmp_path / "reviews.tar"
    with tarfile.open(path, "w", format=form) as archive:
        archive.addfile(special("folder" if form == tarfile.USTAR_FORMAT else "f" * 120, b"5"))
        archive.addfile(tarfile.TarInfo("file.txt"))
    assert read(path) == [("file.txt", b"")]


def test_a_name_that_isnt_utf8_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, header("caf.txt").replace(b"caf", b"c\xe9f") + END)
    content = bytearray(path.read_bytes())
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    path.write_bytes(content)
    assert read(path) == [("c\udce9f.txt", b"")]


def test_the_oldest_format_without_a_magic_number_is_read(tmp_path: Path) -> None:
    block = bytearray(header("old.txt", b"\0", size=b"00000000003\0"))
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    path = written(tmp_path, bytes(block) + padded(b"old") + END)
    assert read(path) == [("old.txt", b"old")]


def test_times_in_a_gnu_header_arent_part_of_the_name(tmp_path: Path) -> None:
    block = bytearray(header("a.txt"))
    block[257:265] = b"ustar  \0"
    block[345:357] = b"15034567123\0"  # when it was last read; ustar has a prefix here
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    assert read(written(tmp_path, bytes(block) + END)) == [("a.txt", b"")]


def test_a_size_in_base_256_is_read(tmp_path: Path) -> None:
    size = b"\x80" + (3).to_bytes(11, "big")
    path = written(tmp_path, header("big.txt", size=size) + padded(b"abc") + END)
    assert read(path) == [("big.txt", b"abc")]


def test_a_size_in_a_pax_header_is_read(tmp_path: Path) -> None:
    """As for members of 8 GiB and more, whose own header says 0."""
    pax = header("pax", b"x", size=b"%011o\0" % 9) + padded(b"9 size=3\n")
    path = written(tmp_path, pax + header("big.txt") + padded(b"abc") + header("b.txt") + END)
    assert read(path) == [("big.txt", b"abc"), ("b.txt", b"")]


def test_a_global_pax_header_doesnt_change_names(tmp_path: Path) -> None:
    path = tmp_path / "reviews.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "x"}) as tar:
        tar.addfile(tarfile.TarInfo("file.txt"))
    assert b"comment=x" in path.read_bytes()
    assert read(path) == [("file.txt", b"")]


def test_a_long_name_applies_to_one_member(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "reviews.tar", [("n" * 150, b"1"), ("short", b"2")])
    assert [name for name, _ in read(path)] == ["n" * 150, "short"]


def test_concatenated_gzip_streams_are_one_archive(tmp_path: Path) -> None:
    plain = write_tar(tmp_path / "a.tar", USTAR_FILES).read_bytes()
    halves = gzip.compress(plain[:1000]) + gzip.compress(plain[1000:])
    assert read(written(tmp_path, halves)) == list(USTAR_FILES.items())


def test_only_wanted_members_are_returned(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "reviews.tar", {"a.txt": b"1", "b.bin": b"2", "c.txt": b"3"})
    assert read(path, wanted=lambda name: name.endswith(".txt")) == [
        ("a.txt", b"1"),
        ("c.txt", b"3"),
    ]


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_a_large_unwanted_member_is_skipped(tmp_path: Path, suffix: str) -> None:
    files = {"large.bin": bytes(3 * MAX_WANTED_BYTES + 7), "a.txt": b"1"}
    path = write_tar(tmp_path / f"reviews{suffix}", files)
    assert read(path, wanted=lambda name: name == "a.txt") == [("a.txt", b"1")]


def test_a_wanted_member_may_be_as_large_as_the_limit(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "reviews.tar", {"a.txt": b"x" * MAX_WANTED_BYTES})
    assert [(name, len(data)) for name, data in read(path)] == [("a.txt", 1_048_576)]


def test_a_wanted_member_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "reviews.tar", {"pos/long.txt": bytes(MAX_WANTED_BYTES + 1)})
    assert refusal(path).startswith("'pos/long.txt' has 1,048,577 bytes")


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize(
    ("kind", "what"),
    [
        pytest.param(tarfile.LNKTYPE, "a hard link", id="hard link"),
        pytest.param(tarfile.SYMTYPE, "a symbolic link", id="symbolic link"),
        pytest.param(tarfile.CHRTYPE, "a device", id="character device"),
        pytest.param(tarfile.BLKTYPE, "a device", id="block device"),
        pytest.param(tarfile.FIFOTYPE, "a named pipe", id="named pipe"),
    ],
)
def test_links_and_devices_are_refused(tmp_path: Path, form: int, kind: bytes, what: str) -> None:
    member = special("train/pos/1.txt", kind, linkname="/etc/passwd")
    path = write_members(tmp_path / "reviews.tar", member, form=form)
    assert refusal(path) == f"'train/pos/1.txt' is {what}; pack regular files only"


def test_an_unwanted_link_is_refused(tmp_path: Path) -> None:
    path = write_members(tmp_path / "reviews.tar", special("README", tarfile.SYMTYPE, "x"))
    with pytest.raises(DataError, match="'README' is a symbolic link"):
        read(path, wanted=lambda name: False)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        pytest.param(b"K", "a link with a long name", id="GNU long link"),
        pytest.param(b"S", "a sparse file", id="GNU sparse file"),
        pytest.param(b"V", "a member of unknown type b'V'", id="GNU volume header"),
    ],
)
def test_members_of_other_types_are_refused(tmp_path: Path, kind: bytes, what: str) -> None:
    path = written(tmp_path, header("odd", kind) + END)
    assert refusal(path) == f"'odd' is {what}; pack regular files only"


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE], ids=["file", "folder"])
@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../b", "a/b/.."])
def test_unsafe_paths_are_refused(tmp_path: Path, form: int, kind: bytes, name: str) -> None:
    path = write_members(tmp_path / "reviews.tar", special(name, kind), form=form)
    shown = repr(name)[:-1]  # folders may have a slash at their end
    assert refusal(path).startswith(f"unsafe path {shown}")


@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_unsafe_long_paths_are_refused(tmp_path: Path, form: str) -> None:
    path = write_tar(tmp_path / "reviews.tar", {"a/" * 99 + "../b": b""}, FORMATS[form])
    assert refusal(path).startswith("unsafe path 'a/a/")


@pytest.mark.parametrize("name", ["a..b.txt", "..a/b.txt", "a/...", "./a.txt"])
def test_two_dots_within_a_name_are_safe(tmp_path: Path, name: str) -> None:
    path = write_tar(tmp_path / "reviews.tar", {name: b"1"})
    assert read(path) == [(name, b"1")]


def _gzipped_archive() -> bytes:
    plain = header("a.txt", size=b"00000001000\0") + padded(b"words " * 85) + END
    return gzip.compress(plain, mtime=0)


@pytest.mark.parametrize("cut", range(2, len(_gzipped_archive())))
def test_a_truncated_gzip_archive_is_refused(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, _gzipped_archive()[:cut], "reviews.tar.gz")
    assert refusal(path) == "truncated; fetch or write it again"


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(512, id="before the data"),
        pytest.param(600, id="in the data"),
        pytest.param(512 + 513, id="in the padding"),
        pytest.param(1536, id="before the second header"),
        pytest.param(1536 + 100, id="in the second header"),
        pytest.param(2048, id="before the end mark"),
        pytest.param(2048 + 511, id="in the end mark"),
    ],
)
def test_a_truncated_plain_archive_is_refused(tmp_path: Path, cut: int) -> None:
    whole = header("a.txt", size=b"00000001001\0") + padded(b"x" * 513) + header("b.txt") + END
    assert len(read(written(tmp_path, whole))) == 2
    assert refusal(written(tmp_path, whole[:cut])) == "truncated; fetch or write it again"


def test_a_truncated_unwanted_member_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, header("a.bin", size=b"00000010000\0") + bytes(600))
    with pytest.raises(DataError, match=r"^reviews\.tar: truncated; fetch or write it again$"):
        read(path, wanted=lambda name: False)


@pytest.mark.parametrize("behind", range(1, 9), ids=lambda number: f"{number} from the end")
def test_a_wrong_gzip_checksum_or_length_is_refused(tmp_path: Path, behind: int) -> None:
    content = bytearray(_gzipped_archive())
    content[-behind] ^= 0xFF
    assert refusal(written(tmp_path, content, "reviews.tar.gz")).startswith("damaged gzip stream")


def test_a_damaged_gzip_stream_is_refused(tmp_path: Path) -> None:
    content = _gzipped_archive()
    damaged = content[:10] + b"\xff" * 20 + content[30:]
    assert refusal(written(tmp_path, damaged, "reviews.tar.gz")).startswith("damaged gzip stream")


def test_bytes_after_a_gzip_stream_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, _gzipped_archive() + b"more", "reviews.tar.gz")
    assert refusal(path).startswith("damaged gzip stream")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty file"),
        pytest.param(b"<", id="one byte"),
        pytest.param(b"<html>" + b"no reviews here " * 100, id="web page"),
        pytest.param(bytes(511), id="less than a block"),
        pytest.param(bytes(10_240), id="zeros"),
        pytest.param(gzip.compress(b"no tar " * 500), id="gzip of another file"),
        pytest.param(gzip.compress(b""), id="gzip of nothing"),
        pytest.param(b"PK\x03\x04" + bytes(2000), id="zip"),
    ],
)
def test_other_formats_are_refused(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    assert refusal(path).startswith("not a tar archive")


@pytest.mark.parametrize("at", [0, 50, 99, 124, 130, 148, 156, 345])
def test_a_damaged_header_is_refused(tmp_path: Path, at: int) -> None:
    content = bytearray(write_tar(tmp_path / "a.tar", {"a": b"1", "b": b"2"}).read_bytes())
    content[1024 + at] ^= 0x01
    path = written(tmp_path, bytes(content))
    assert refusal(path) == "damaged tar header; fetch it again"


def test_a_size_that_is_not_a_number_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, header("a.txt", size=b"12 34xyz\0\0\0\0") + END)
    assert refusal(path) == "damaged tar header; fetch it again"


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(b"path=a.txt\n", id="no length"),
        pytest.param(b"99 path=a.txt\n", id="length beyond the end"),
        pytest.param(b"0 path=a.txt\n", id="length of zero"),
        pytest.param(b"-14 path=a.txt\n", id="length below zero"),
        pytest.param(b"12 size=3 x\n", id="size that is not a number"),
    ],
)
def test_a_damaged_pax_header_is_refused(tmp_path: Path, records: bytes) -> None:
    size = b"%011o\0" % len(records)
    content = header("pax", b"x", size=size) + padded(records) + header() + END
    assert refusal(written(tmp_path, content)) == "damaged pax header; fetch it again"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"9" * 1024, id="text of digits"),
        pytest.param(header(checksum=b"99999999") + END, id="checksum not octal"),
        pytest.param(header(size=b"00000000009\0") + END, id="size not octal"),
        pytest.param(
            header("long", b"L", size=b"\x80" + b"\xff" * 11) + END, id="endless long name"
        ),
        pytest.param(header("pax", b"x", size=b"\x80" + b"\xff" * 11) + END, id="endless pax"),
        pytest.param(
            header("pax", b"x", size=b"%011o\0" % 5008) + padded(b"1" * 5000 + b" path=x") + END,
            id="pax length of 5,000 digits",
        ),
    ],
)
def test_an_impossible_number_in_a_header_is_refused(tmp_path: Path, content: bytes) -> None:
    refusal(written(tmp_path, content))


@pytest.mark.parametrize("kind", [b"L", b"x"], ids=["GNU", "pax"])
def test_a_name_above_the_limit_is_refused_before_it_is_read(tmp_path: Path, kind: bytes) -> None:
    size = 16 * MAX_WANTED_BYTES
    read_bytes = Source(header("long", kind, size=b"%011o\0" % size) + bytes(size) + END)
    with pytest.raises(DataError):
        list(members(read_bytes, "reviews.tar", lambda name: True))
    assert read_bytes.given < 4 * MAX_WANTED_BYTES


def test_bytes_after_the_end_mark_are_read(tmp_path: Path) -> None:
    content = header() + END + b"more" * 1_000_000
    source = Source(content)
    assert len(list(members(source, "reviews.tar", lambda name: True))) == 1
    assert source.given == len(content)
