"""Which members are reviews, which are skipped, and the archive's hash."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from processing_archives import write_tar

from processing.errors import DataError
from processing.reviews import Review, ReviewArchive, Skipped, review, the_archive


def read(path: Path) -> list[Review | Skipped]:
    found = []
    for batch in ReviewArchive(path).read():
        found += map(review, batch.names, batch.texts)
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train/pos/0_9.txt", Review("train/pos/0_9.txt", "train", 1, "Fine.")),
        ("test/neg/1_2.txt", Review("test/neg/1_2.txt", "test", 0, "Fine.")),
        ("aclImdb/train/neg/2_1.txt", Review("train/neg/2_1.txt", "train", 0, "Fine.")),
        ("./aclImdb/test/pos/3_8.txt", Review("test/pos/3_8.txt", "test", 1, "Fine.")),
        ("a/b/c/train/pos/any name.txt", Review("train/pos/any name.txt", "train", 1, "Fine.")),
        ("train/train/pos/4.txt", Review("train/pos/4.txt", "train", 1, "Fine.")),
    ],
)
def test_a_labelled_review_is_read_at_any_depth(
    tmp_path: Path, name: str, expected: Review
) -> None:
    assert read(write_tar(tmp_path / "a.tar", {name: b"Fine."})) == [expected]


@pytest.mark.parametrize(
    "name",
    [
        "aclImdb/train/unsup/0_0.txt",
        "aclImdb/train/labeledBow.feat",
        "aclImdb/train/pos/labeledBow.feat",
        "aclImdb/train/urls_pos.txt",
        "aclImdb/imdb.vocab",
        "aclImdb/README",
        "README.txt",
        "aclImdb/train/pos/._0_9.txt",
        "__MACOSX/aclImdb/train/pos/._0_9.txt",
        "aclImdb/train/pos/.hidden.txt",
        "aclImdb/train/pos/sub/0_9.txt",
        "aclImdb/train/pos/0_9.txt.bak",
        "aclImdb/train/pos/0_9.TXT",
        "aclImdb/mytrain/pos/0_9.txt",
        "aclImdb/train/positive/0_9.txt",
        "aclImdb/pos/0_9.txt",
    ],
)
def test_any_other_member_is_ignored(tmp_path: Path, name: str) -> None:
    files = {name: b"not \xff a review", "test/pos/1.txt": b"Fine."}
    assert [found.name for found in read(write_tar(tmp_path / "a.tar", files))] == [
        "test/pos/1.txt"
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty", id="no byte"),
        pytest.param(b" \r\n\t\xc2\xa0", "empty", id="white space"),
        pytest.param(b"caf\xe9", "not UTF-8 at byte 3", id="Latin-1"),
        pytest.param(b"\xff\xfeF\0i\0", "not UTF-8 at byte 0", id="UTF-16"),
        pytest.param(b"cut \xe2\x80", "not UTF-8 at byte 4", id="cut in a letter"),
        pytest.param(b"lone \xed\xa0\x80", "not UTF-8 at byte 5", id="surrogate"),
    ],
)
def test_a_review_that_cannot_be_used_is_skipped_with_its_reason(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    files = {"x/train/pos/bad.txt": data, "x/train/pos/good.txt": "Très bien.".encode()}
    assert read(write_tar(tmp_path / "a.tar", files)) == [
        Skipped("train/pos/bad.txt", reason),
        Review("train/pos/good.txt", "train", 1, "Très bien."),
    ]


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_the_hash_covers_every_stored_byte(tmp_path: Path, name: str) -> None:
    files = {f"train/pos/{number}.txt": os.urandom(900).hex().encode() for number in range(50)}
    path = write_tar(tmp_path / name, files)
    if name == "a.tar":
        with path.open("ab") as file:
            file.write(b"behind the end mark" * 100_000)
    archive = ReviewArchive(path)
    assert archive.sha256 == ""
    assert sum(len(batch.names) for batch in archive.read()) == 50
    assert archive.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_one_file_of_a_folder_is_the_archive(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "any name", {"train/pos/1.txt": b"Fine."})
    (tmp_path / "folder").mkdir()
    assert the_archive(tmp_path).path == path


def test_a_folder_without_an_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        the_archive(tmp_path)
    assert str(caught.value) == f"{tmp_path}: expected one archive of reviews, found nothing"


def test_a_folder_with_several_archives_is_refused_with_their_names(tmp_path: Path) -> None:
    for name in ("b.tar", "a.tar.gz"):
        (tmp_path / name).touch()
    with pytest.raises(DataError) as caught:
        the_archive(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: expected one archive of reviews, found a.tar.gz, b.tar"
    )


def test_an_archive_that_cannot_be_opened_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^gone\.tar: cannot be read \(No such file"):
        read(tmp_path / "gone.tar")
