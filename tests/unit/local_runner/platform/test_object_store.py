"""The object store: s3:// as a folder."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from pathlib import Path

import pytest

from local_runner.errors import JobFailed
from local_runner.platform.object_store import CopyingStore, FolderStore
from tests.support.files import texts
from tests.support.runner_samples import put_object


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "s3")


def folder_with(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_folder_is_published_whole_and_moved_away(store: FolderStore, tmp_path: Path) -> None:
    source = folder_with(tmp_path / "out", {"a.csv": "1", "deep/b.csv": "2"})
    store.publish(source, "s3://bucket/x/out")
    found = [(key, file.read_text()) for key, file in store.files("s3://bucket/x/out")]
    assert found == [("a.csv", "1"), ("deep/b.csv", "2")]
    assert not source.exists()


def test_publishing_again_replaces_objects_of_the_same_key_and_no_others(
    store: FolderStore, tmp_path: Path
) -> None:
    store.publish(folder_with(tmp_path / "one", {"old": "1", "both": "1"}), "s3://b/out")
    store.publish(folder_with(tmp_path / "two", {"both": "2"}), "s3://b/out")
    assert [(key, file.read_text()) for key, file in store.files("s3://b/out")] == [
        ("both", "2"),
        ("old", "1"),
    ]


def test_file_is_published_in_place_of_a_file(store: FolderStore, tmp_path: Path) -> None:
    for text in ("old", "new"):
        source = tmp_path / "model.tar.gz"
        source.write_text(text)
        store.publish(source, "s3://b/model.tar.gz")
    assert store.path("s3://b/model.tar.gz").read_text() == "new"


def test_publishing_a_file_over_a_folder_fails(store: FolderStore, tmp_path: Path) -> None:
    kept = put_object(tmp_path, "s3://b/model/old", "old")
    (tmp_path / "file").write_text("new")
    with pytest.raises(JobFailed, match="s3://b/model"):
        store.publish(tmp_path / "file", "s3://b/model")
    assert kept.read_text() == "old"


@pytest.mark.parametrize("uri", ["s3://b/x", "s3://b/x/deeper"])
def test_publishing_a_folder_over_a_file_fails(
    store: FolderStore, tmp_path: Path, uri: str
) -> None:
    put_object(tmp_path, "s3://b/x", "file")
    source = folder_with(tmp_path / "out", {"a": "1"})
    with pytest.raises(JobFailed, match=uri):
        store.publish(source, uri)


def test_one_object_is_fetched_under_its_name(store: FolderStore, tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/x/part.csv", "1")
    store.fetch("s3://b/x/part.csv", tmp_path / "in")
    assert (tmp_path / "in" / "part.csv").read_text() == "1"


def test_prefix_is_fetched_with_its_folders(store: FolderStore, tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/x/a", "1")
    put_object(tmp_path, "s3://b/x/deep/b", "2")
    put_object(tmp_path, "s3://b/y/c", "3")
    store.fetch("s3://b/x/", tmp_path / "in")
    found = sorted(path.relative_to(tmp_path / "in") for path in (tmp_path / "in").rglob("*"))
    assert found == [Path("a"), Path("deep"), Path("deep/b")]


def fetched(store: FolderStore, uri: str, folder: Path) -> dict[str, str]:
    store.fetch(uri, folder)
    return texts(folder)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("raw/reviews", {"reviews.csv": "1", "reviews.csv.gz": "2", "old/a.csv": "3"}),
        ("raw/reviews.csv", {"reviews.csv": "1", "reviews.csv.gz": "2"}),
        ("raw/reviews/", {"old/a.csv": "3"}),
        ("raw/rev", {"reviews.csv": "1", "reviews.csv.gz": "2", "reviews/old/a.csv": "3"}),
        ("raw2/", {"b.csv": "4"}),
    ],
)
@pytest.mark.parametrize("scheme", ["s3", "file"])
def test_prefix_is_the_beginning_of_keys(
    store: FolderStore, tmp_path: Path, scheme: str, prefix: str, expected: dict[str, str]
) -> None:
    keys = ("raw/reviews.csv", "raw/reviews.csv.gz", "raw/reviews/old/a.csv", "raw2/b.csv")
    for number, key in enumerate(keys, start=1):
        put_object(tmp_path, f"s3://b/{key}", str(number))
    root = "s3://b" if scheme == "s3" else (tmp_path / "s3/b").as_uri()
    assert fetched(store, f"{root}/{prefix}", tmp_path / "in") == expected


def test_bucket_is_not_the_beginning_of_other_buckets(store: FolderStore, tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/x", "1")
    put_object(tmp_path, "s3://b2/x", "2")
    assert fetched(store, "s3://b", tmp_path / "in") == {"x": "1"}


def test_object_is_not_a_folder(store: FolderStore, tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/x", "1")
    with pytest.raises(JobFailed, match="no object at"):
        store.fetch("s3://b/x/", tmp_path / "in")


def test_two_objects_that_would_be_one_file_are_refused(store: FolderStore, tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/raw/train/train-1.csv", "1")
    put_object(tmp_path, "s3://b/raw/train-1.csv", "2")
    with pytest.raises(JobFailed, match=r"train-1\.csv"):
        store.fetch("s3://b/raw/train", tmp_path / "in")


def test_jobs_get_links_and_no_copies(store: FolderStore, tmp_path: Path) -> None:
    stored = put_object(tmp_path, "s3://b/x/a", "1")
    store.fetch("s3://b/x", tmp_path / "in")
    assert (tmp_path / "in" / "a").stat().st_ino == stored.stat().st_ino


def test_jobs_get_copies_where_there_can_be_no_links(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(source: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    stored = put_object(tmp_path, "s3://b/x/a", "1")
    monkeypatch.setattr(os, "link", no_link)
    store.fetch("s3://b/x", tmp_path / "in")
    assert (tmp_path / "in" / "a").read_text() == "1"
    assert (tmp_path / "in" / "a").stat().st_ino != stored.stat().st_ino


def test_two_inputs_of_one_name_do_not_change_the_stored_objects(
    store: FolderStore, tmp_path: Path
) -> None:
    first = put_object(tmp_path, "s3://b/first/part.csv", "first")
    put_object(tmp_path, "s3://b/second/part.csv", "second")
    store.fetch("s3://b/first", tmp_path / "in")
    with contextlib.suppress(JobFailed):
        store.fetch("s3://b/second", tmp_path / "in")
    assert first.read_text() == "first"


@pytest.mark.parametrize(
    "uri",
    [
        "s3://b/../c/x",
        "s3://b/x/../../../y",
        "s3://../x",
        "s3://",
        "s3:///x",
        "b/x",
        "",
        "https://b/x",
        "s3://b/x\0",
        "file:///etc/passwd",
    ],
)
def test_uri_outside_the_store_is_refused(store: FolderStore, uri: str) -> None:
    with pytest.raises(JobFailed, match=re.escape(repr(uri))):
        store.path(uri)


@pytest.mark.parametrize("uri", ["s3://b/none", "s3://none", "s3://b/hollow"])
def test_missing_object_is_named(store: FolderStore, tmp_path: Path, uri: str) -> None:
    (tmp_path / "s3/b/hollow/inner").mkdir(parents=True)
    with pytest.raises(JobFailed) as failure:
        store.fetch(uri, tmp_path / "in")
    assert str(failure.value) == f"ClientError: no object at {uri}"
    assert store.exists(uri) is False


def test_objects_and_prefixes_exist(store: FolderStore, tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/x/a", "1")
    assert [store.exists(uri) for uri in ("s3://b/x/a", "s3://b/x", "s3://b")] == [True] * 3


def test_digest_counts_keys_and_contents_and_nothing_else(
    store: FolderStore, tmp_path: Path
) -> None:
    contents = {
        "base": {"a": "1", "b": "2"},
        "same": {"b": "2", "a": "1"},
        "content": {"a": "1", "b": "3"},
        "key": {"a": "1", "c": "2"},
        "swapped": {"a": "2", "b": "1"},
        "more": {"a": "1", "b": "2", "c": ""},
    }
    for prefix, files in contents.items():
        for key, text in files.items():
            os.utime(put_object(tmp_path, f"s3://x/{prefix}/{key}", text), (len(prefix), 1))
    digests = {prefix: store.digest(f"s3://x/{prefix}") for prefix in contents}
    assert digests["base"] == digests["same"]
    assert len(set(digests.values())) == len(contents) - 1


@pytest.fixture
def mapped(tmp_path: Path) -> FolderStore:
    """A store with objects of its own below s3://b/own, and mapped ones below s3://b/raw."""
    put_object(tmp_path, "s3://b/raw/c.csv", "own")
    put_object(tmp_path, "s3://b/raw/a.csv", "hidden")
    data = folder_with(tmp_path / "data", {"a.csv": "1", "deep/b.csv": "2"})
    uris = {"s3://b/raw/a.csv": data / "a.csv", "s3://b/raw/deep/b.csv": data / "deep" / "b.csv"}
    return FolderStore(tmp_path / "s3", uris)


@pytest.mark.parametrize(
    ("uri", "contents"),
    [
        ("s3://b/raw", {"a.csv": "1", "c.csv": "own", "deep/b.csv": "2"}),
        ("s3://b/raw/", {"a.csv": "1", "c.csv": "own", "deep/b.csv": "2"}),
        ("s3://b/raw/de", {"deep/b.csv": "2"}),
        ("s3://b/raw/a", {"a.csv": "1"}),
        ("s3://b", {"raw/a.csv": "1", "raw/c.csv": "own", "raw/deep/b.csv": "2"}),
    ],
)
def test_mapped_objects_have_prefixes_and_hide_others(
    mapped: FolderStore, tmp_path: Path, uri: str, contents: dict[str, str]
) -> None:
    mapped.fetch(uri, tmp_path / "in")
    found = [path for path in (tmp_path / "in").rglob("*") if path.is_file()]
    assert contents == {
        path.relative_to(tmp_path / "in").as_posix(): path.read_text() for path in found
    }


def test_mapped_objects_exist_and_are_opened(mapped: FolderStore) -> None:
    assert mapped.exists("s3://b/raw/deep")
    assert mapped.exists("s3://b/raw/deep/b.csv")
    assert not mapped.exists("s3://b/raw/dee")
    with mapped.open("s3://b/raw/a.csv") as file:
        assert file.read() == b"1"


def test_job_that_changes_its_inputs_does_not_change_mapped_files(
    mapped: FolderStore, tmp_path: Path
) -> None:
    mapped.fetch("s3://b/raw/a.csv", tmp_path / "in")
    (tmp_path / "in" / "a.csv").write_text("changed")
    assert (tmp_path / "data" / "a.csv").read_text() == "1"


def test_mapped_objects_are_only_read(mapped: FolderStore, tmp_path: Path) -> None:
    mapped.publish(folder_with(tmp_path / "other", {"x.csv": "3"}), "s3://b/raw")
    assert mapped.exists("s3://b/raw/x.csv")
    with pytest.raises(JobFailed, match=r"s3://b/raw .*a\.csv"):
        mapped.publish(folder_with(tmp_path / "same", {"a.csv": "3"}), "s3://b/raw")
    assert (tmp_path / "data" / "a.csv").read_text() == "1"


def test_digest_depends_on_the_content_of_mapped_files(mapped: FolderStore, tmp_path: Path) -> None:
    before = mapped.digest("s3://b/raw")
    (tmp_path / "data" / "a.csv").write_text("another")
    assert mapped.digest("s3://b/raw") != before


def test_objects_of_a_copying_store_do_not_change_with_a_jobs_files(tmp_path: Path) -> None:
    store = CopyingStore(tmp_path / "s3")
    store.publish(folder_with(tmp_path / "out", {"a": "1", "b/c": "2"}), "s3://b/out")
    store.publish(tmp_path / "out" / "a", "s3://b/one")
    store.fetch("s3://b/out/", tmp_path / "in")
    for path in (tmp_path / "out" / "a", tmp_path / "in" / "a"):
        path.write_text("changed")
    assert texts(tmp_path / "s3" / "b") == {"out/a": "1", "out/b/c": "2", "one": "1"}
