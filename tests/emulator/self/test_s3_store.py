"""S3 as object store of an execution behaves like the folder of a local run."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.execution.s3_store import S3Store
from local_runner.errors import JobFailed
from local_runner.platform.object_store import FolderStore, ObjectStore
from tests.support.emulator_process import Emulator
from tests.support.files import texts

OBJECTS = {"x/a.csv": "1", "x/deep/b.csv": "2", "xy": "3"}


@pytest.fixture
def uri(tmp_path: Path) -> str:
    """The URI of a bucket for one test."""
    return f"s3://{tmp_path.name.replace('_', '-')}"


@pytest.fixture(params=["s3", "folder"])
def store(request: pytest.FixtureRequest, uri: str, tmp_path: Path) -> ObjectStore:
    """A store with OBJECTS in the bucket."""
    store: ObjectStore = FolderStore(tmp_path / "s3")
    if request.param == "s3":
        client = request.getfixturevalue("emulator").client("s3")
        client.create_bucket(Bucket=uri.removeprefix("s3://"))
        store = S3Store(client)
    for key, text in OBJECTS.items():
        source = tmp_path / "upload"
        source.write_text(text)
        store.publish(source, f"{uri}/{key}")
    return store


def test_objects_and_prefixes_exist_and_parts_of_names_do_not(store: ObjectStore, uri: str) -> None:
    found = {key: store.exists(f"{uri}/{key}") for key in ("x", "x/a.csv", "xy", "x/a", "z")}
    assert found == {"x": True, "x/a.csv": True, "xy": True, "x/a": False, "z": False}


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("x", {"a.csv": "1", "deep/b.csv": "2", "xy": "3"}),
        ("x/", {"a.csv": "1", "deep/b.csv": "2"}),
        ("xy", {"xy": "3"}),
        ("x/d", {"deep/b.csv": "2"}),
    ],
)
def test_prefix_is_the_beginning_of_keys(
    store: ObjectStore, uri: str, tmp_path: Path, prefix: str, expected: dict[str, str]
) -> None:
    store.fetch(f"{uri}/{prefix}", tmp_path / "in")
    assert texts(tmp_path / "in") == expected


def test_object_of_a_folder_becomes_a_folder(emulator: Emulator, uri: str, tmp_path: Path) -> None:
    client = emulator.client("s3")
    client.create_bucket(Bucket=uri.removeprefix("s3://"))
    for key in ("raw/", "raw/2026/", "raw/a.csv"):
        client.put_object(Bucket=uri.removeprefix("s3://"), Key=key)
    S3Store(client).fetch(f"{uri}/raw/", tmp_path / "in")
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == ["2026", "a.csv"]


def test_published_folder_is_merged_with_existing_objects(
    store: ObjectStore, uri: str, tmp_path: Path
) -> None:
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "deep" / "c.csv").write_text("4")
    (tmp_path / "out" / "a.csv").write_text("new")
    store.publish(tmp_path / "out", f"{uri}/x")
    contents = {}
    for key in ("x/a.csv", "x/deep/b.csv", "x/deep/c.csv"):
        with store.open(f"{uri}/{key}") as content:
            contents[key] = content.read()
    assert contents == {"x/a.csv": b"new", "x/deep/b.csv": b"2", "x/deep/c.csv": b"4"}


def test_digest_depends_on_the_content_and_not_on_the_location(
    store: ObjectStore, uri: str, tmp_path: Path
) -> None:
    before = store.digest(f"{uri}/x/")
    for name, text in (("a.csv", "1"), ("deep/b.csv", "2")):
        (tmp_path / "copy").write_text(text)
        store.publish(tmp_path / "copy", f"{uri}/elsewhere/{name}")
    assert store.digest(f"{uri}/elsewhere/") == before
    (tmp_path / "changed").write_text("changed")
    store.publish(tmp_path / "changed", f"{uri}/x/a.csv")
    assert store.digest(f"{uri}/x/") != before


def test_missing_objects_and_invalid_uris_are_reported(
    store: ObjectStore, uri: str, tmp_path: Path
) -> None:
    with pytest.raises(JobFailed) as failure:
        store.fetch(f"{uri}/none", tmp_path / "in")
    assert str(failure.value) == f"ClientError: no object at {uri}/none"
    with pytest.raises(OSError, match="none"):
        store.open(f"{uri}/none")
    with pytest.raises(JobFailed, match="/etc/passwd"):
        store.exists("/etc/passwd")


def test_one_object_is_deleted(store: ObjectStore, uri: str) -> None:
    for key in ("x/a.csv", "x", "z"):
        store.delete(f"{uri}/{key}")
    found = {key: store.exists(f"{uri}/{key}") for key in OBJECTS}
    assert found == {"x/a.csv": False, "x/deep/b.csv": True, "xy": True}


def test_missing_bucket_is_empty(store: ObjectStore, tmp_path: Path) -> None:
    uri = "s3://no-such-bucket-here/x"
    assert not store.exists(uri)
    for use in (store.digest, lambda uri: store.fetch(uri, tmp_path / "in")):
        with pytest.raises(JobFailed) as failure:
            use(uri)
        assert str(failure.value) == f"ClientError: no object at {uri}"


def test_publishing_to_a_missing_bucket_fails_the_job(emulator: Emulator, tmp_path: Path) -> None:
    store = S3Store(emulator.client("s3"))
    (tmp_path / "out").write_text("1")
    with pytest.raises(JobFailed, match=r"s3://no-such-bucket-here/x"):
        store.publish(tmp_path / "out", "s3://no-such-bucket-here/x")
