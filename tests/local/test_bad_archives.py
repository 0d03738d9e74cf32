"""A run on an unusable archive is refused before it starts, with one line that names the fault."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.local_runs import Run, definition_until, invented_reviews, pack, run


def truncated(root: Path) -> Path:
    archive = pack(root / "cut.tar.gz", invented_reviews())
    archive.write_bytes(archive.read_bytes()[:10_000])
    return archive


def damaged(root: Path) -> Path:
    archive = pack(root / "damaged.tar.gz", invented_reviews())
    content = bytearray(archive.read_bytes())
    content[-8] ^= 0xFF  # of gzip's checksum
    archive.write_bytes(content)
    return archive


def with_link(root: Path) -> Path:
    def link(member: tarfile.TarInfo) -> None:
        if member.name.endswith("train/neg/3_5.txt"):
            member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0

    return pack(root / "link.tar.gz", invented_reviews(), link)


def climbing(root: Path) -> Path:
    def climb(member: tarfile.TarInfo) -> None:
        if member.name.endswith("train/neg/3_5.txt"):
            member.name = "../../train/neg/3_5.txt"

    return pack(root / "climb.tar.gz", invented_reviews(), climb)


def without_test_neg(root: Path) -> Path:
    kept = (file for file in invented_reviews() if not file[0].startswith("test/neg/"))
    return pack(root / "half.tar.gz", kept)


def with_duplicate(root: Path) -> Path:
    def files() -> Iterator[tuple[str, str]]:
        yield from invented_reviews()
        yield "train/pos/0_5.txt", "again"

    return pack(root / "twice.tar.gz", files())


def no_archive(root: Path) -> Path:
    (root / "page.tar.gz").write_text("<html>404</html>")
    return root / "page.tar.gz"


def empty_file(root: Path) -> Path:
    (root / "empty.tar.gz").touch()
    return root / "empty.tar.gz"


CASES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "truncated": (truncated, "truncated; fetch "),
    "damaged": (damaged, "damaged gzip stream"),
    "symlink": (
        with_link,
        "'aclImdb/train/neg/3_5.txt' is a symbolic link; pack regular files only",
    ),
    "path-outside": (climbing, "unsafe path '../../train/neg/"),
    "no-test-neg": (
        without_test_neg,
        "no usable review in test/neg; expected <any folder>/{train,test}/{pos,neg}/<name>.txt",
    ),
    "review-twice": (with_duplicate, "train/pos/0_5.txt occurs twice"),
    "no-archive": (no_archive, ""),
    "empty": (empty_file, ""),
}


def require_refused(ended: Run, message: str) -> None:
    assert (ended.code, ended.summary["error"]["exit_code"]) == (2, 2)
    assert ended.summary["error"]["message"].startswith(message)
    assert ended.stderr.count("\n") == 1
    assert not ended.workdir.exists()


@pytest.mark.parametrize(("make", "message"), CASES.values(), ids=CASES)
def test_unusable_archive_is_refused_before_anything_is_stored(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    archive = make(tmp_path)
    require_refused(run(tmp_path / "runs", archive), f"{archive}: {message}")


def test_same_command_works_after_the_archive_is_replaced(tmp_path: Path, archive: Path) -> None:
    dataset = tmp_path / "reviews.tar.gz"
    dataset.write_bytes(archive.read_bytes()[:10_000])
    definition = definition_until("Preprocess", tmp_path)
    broken = run(tmp_path / "runs", dataset, definition=definition)
    dataset.write_bytes(archive.read_bytes())
    replaced = run(tmp_path / "runs", dataset, definition=definition)
    assert (broken.code, replaced.code) == (2, 0)
    assert replaced.cached == []


@pytest.mark.parametrize("given", ["ValidationFraction=1.5", "Subsample=0"])
def test_parameter_out_of_range_is_refused_before_anything_is_stored(
    tmp_path: Path, archive: Path, given: str
) -> None:
    require_refused(run(tmp_path / "runs", archive, given), f"{given.partition('=')[0]} must be ")
