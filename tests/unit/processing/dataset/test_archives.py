"""Archives: which members are reviews to train on or to score, and the hash."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from processing.dataset.files.archives import ArchivedReview, ReviewArchive
from processing.dataset.files.text_folder import TextFolder
from processing.dataset.reviews import Unusable, usable_text
from processing.errors import DataError
from tests.support.archives import write_tar


def read(path: Path) -> list[ArchivedReview]:
    return list(ReviewArchive(path).labelled())


def fine(name: str, split: str, label: str) -> ArchivedReview:
    return ArchivedReview(name, b"Fine.", label, split)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train/pos/0_9.txt", fine("train/pos/0_9.txt", "train", "pos")),
        ("test/neg/1_2.txt", fine("test/neg/1_2.txt", "test", "neg")),
        ("aclImdb/train/neg/2_1.txt", fine("train/neg/2_1.txt", "train", "neg")),
        ("./aclImdb/test/pos/3_8.txt", fine("test/pos/3_8.txt", "test", "pos")),
        ("a/b/c/train/pos/any name.txt", fine("train/pos/any name.txt", "train", "pos")),
        ("train/train/pos/4.txt", fine("train/pos/4.txt", "train", "pos")),
    ],
)
def test_labelled_reviews_are_read_at_any_depth(
    tmp_path: Path, name: str, expected: ArchivedReview
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
def test_other_members_are_ignored(tmp_path: Path, name: str) -> None:
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
def test_an_unusable_text_has_a_reason(data: bytes, reason: str) -> None:
    assert usable_text(data) == Unusable(reason)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_the_hash_covers_every_stored_byte(tmp_path: Path, name: str) -> None:
    files = {f"train/pos/{number}.txt": os.urandom(900).hex().encode() for number in range(50)}
    path = write_tar(tmp_path / name, files)
    if name == "a.tar":
        with path.open("ab") as file:
            file.write(b"behind the end mark" * 100_000)
    archive = ReviewArchive(path)
    assert archive.sha256 == ""
    assert len(list(archive.labelled())) == 50
    assert archive.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_text_file_is_a_review_to_score_under_its_whole_path(tmp_path: Path) -> None:
    files = {"a.txt": b"one", "x/y/b.txt": b"two", "x/._b.txt": b"no", "x/c.csv": b"no"}
    found = ReviewArchive(write_tar(tmp_path / "a.tar", files)).texts()
    assert list(found) == [ArchivedReview("a.txt", b"one"), ArchivedReview("x/y/b.txt", b"two")]


def test_an_archive_that_cant_be_opened_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^gone\.tar: .*No such file"):
        read(tmp_path / "gone.tar")


def test_texts_in_folders_of_unlabeled_ones_are_counted_at_any_depth(tmp_path: Path) -> None:
    names = ("unsup/1.txt", "aclImdb/train/unsup/2.txt", "train/pos/3.txt", "train/4.txt")
    archive = ReviewArchive(write_tar(tmp_path / "a.tar", dict.fromkeys(names, b"Fine.")))
    assert [review.name for review in archive.labelled()] == ["train/pos/3.txt"]
    assert archive.unlabeled == 2


def test_a_text_of_a_folder_that_is_too_long_for_a_review_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train" / "pos").mkdir(parents=True)
    (tmp_path / "train" / "pos" / "1.txt").write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(DataError, match=r"train/pos/1\.txt"):
        list(TextFolder(tmp_path).labelled())
