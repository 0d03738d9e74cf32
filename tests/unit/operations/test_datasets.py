"""Datasets: what --dataset accepts, and how it is stored."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from local_runner.platform.object_store import FolderStore
from operations.datasets import DatasetError, demo, store_dataset
from processing.jobs import download
from tests.support.archives import write_tar
from tests.support.files import texts
from tests.support.reads import counting_reads


def packed(uri: str) -> Path:
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("file", "")
    return Path(unquote(parts.path))


def reviews(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


FILES = {
    "train/pos/0_9.txt": "good",
    "train/neg/0_1.txt": "bad",
    "test/pos/0_9.txt": "gut, schön",
    "test/neg/0_1.txt": "",
}


@pytest.mark.parametrize("uri", ["https://host/a.tar.gz", "http://localhost:8000/a.tar"])
def test_a_web_address_is_the_uri(tmp_path: Path, uri: str) -> None:
    assert store_dataset(uri, tmp_path / "datasets") == uri
    assert not (tmp_path / "datasets").exists()


def test_an_s3_uri_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"^s3://bucket/a\.tar\.gz: "):
        store_dataset("s3://bucket/a.tar.gz", tmp_path)


@pytest.mark.parametrize("name", ["none.tar.gz", "none/"])
def test_a_missing_dataset_is_refused(tmp_path: Path, name: str) -> None:
    dataset = f"{tmp_path}/{name}"
    with pytest.raises(DatasetError) as refusal:
        store_dataset(dataset, tmp_path / "datasets")
    assert str(refusal.value) == f"{dataset}: no such file or folder"


@pytest.mark.parametrize("name", ["reviews.tar.gz", "my reviews#1 %20 ü.tar"])
def test_an_archive_is_copied_under_a_content_addressed_name(tmp_path: Path, name: str) -> None:
    archive = tmp_path / name
    archive.write_bytes(b"reviews")
    copy = packed(store_dataset(str(archive), tmp_path / "datasets"))
    digest = hashlib.sha256(b"reviews").hexdigest()
    assert copy == tmp_path / "datasets" / digest[:16] / name
    assert copy.read_bytes() == b"reviews"


def test_a_changed_archive_is_another_dataset_and_the_old_copy_stays(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar"
    archive.write_bytes(b"one")
    first = packed(store_dataset(str(archive), tmp_path / "datasets"))
    archive.write_bytes(b"two")
    second = packed(store_dataset(str(archive), tmp_path / "datasets"))
    assert first != second
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")


def test_a_file_uri_may_be_unescaped(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"one")
    uris = {store_dataset(f"{start}{tmp_path}/a.tar", tmp_path / "d") for start in ("", "file://")}
    assert len(uris) == 1


def test_a_file_uri_may_be_escaped(tmp_path: Path) -> None:
    archive = tmp_path / "my reviews.tar"
    archive.write_bytes(b"one")
    copy = packed(store_dataset(archive.as_uri(), tmp_path / "datasets"))
    assert copy.read_bytes() == b"one"


def test_a_folder_of_texts_is_packed_without_other_files(tmp_path: Path) -> None:
    folder = reviews(tmp_path / "in", {**FILES, "README.md": "x", "train/urls.csv": "x"})
    archive = packed(store_dataset(str(folder), tmp_path / "datasets"))
    with tarfile.open(archive) as opened:
        members = opened.getmembers()
        content = {}
        for member in members:
            file = opened.extractfile(member)
            assert file is not None
            content[member.name] = file.read().decode()
    assert content == FILES
    assert [member.name for member in members] == sorted(FILES)
    assert {(member.uid, member.gid, member.mtime, member.uname) for member in members} == {
        (0, 0, 0, "")
    }
    assert [path for path in (tmp_path / "datasets").rglob("*") if path.is_file()] == [archive]


def test_packing_a_folder_leaves_the_archive_of_a_run_at_the_same_time_alone(
    tmp_path: Path,
) -> None:
    other = tmp_path / "datasets/in.tar"
    other.parent.mkdir()
    other.write_bytes(b"of another run")
    stored = packed(store_dataset(str(reviews(tmp_path / "in", FILES)), other.parent))
    assert other.read_bytes() == b"of another run"
    assert {path for path in other.parent.rglob("*") if path.is_file()} == {other, stored}


def test_packing_a_folder_is_reproducible(
    tmp_path: Path,
) -> None:
    one = reviews(tmp_path / "1/in", FILES)
    two = reviews(tmp_path / "2/in", dict(reversed(FILES.items())))
    for number, path in enumerate(two.rglob("*")):
        os.utime(path, (number, number))
    uris = [store_dataset(str(folder), tmp_path / "datasets") for folder in (one, two)]
    assert uris[0] == uris[1]
    digest = hashlib.sha256(packed(uris[0]).read_bytes()).hexdigest()
    assert packed(uris[0]).relative_to(tmp_path / "datasets").as_posix() == f"{digest[:16]}/in.tar"


def test_a_folder_without_reviews_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(DatasetError) as refusal:
        store_dataset(str(tmp_path / "in"), tmp_path / "datasets")
    assert str(refusal.value) == (
        f"{tmp_path}/in: no reviews found; expected train/pos/*.txt and so on, or tables or "
        "archives (.csv, .tsv, .json, .jsonl, .ndjson, .parquet, .tar, .zip; compressed: .gz, "
        ".bz2, .xz)"
    )


def test_texts_without_a_split_are_refused(tmp_path: Path) -> None:
    folder = reviews(tmp_path / "in", {"pos/1.txt": "good", "neg/1.txt": "bad"})
    with pytest.raises(DatasetError, match="expected train/pos"):
        store_dataset(str(folder), tmp_path / "datasets")


def test_texts_to_score_need_no_class(tmp_path: Path) -> None:
    files = {"b/2.txt": "good", "1.txt": "bad", ".hidden.txt": "x"}
    folder = reviews(tmp_path / "in", files)
    archive = packed(store_dataset(str(folder), tmp_path / "datasets", is_labelled=False))
    with tarfile.open(archive) as opened:
        assert opened.getnames() == ["1.txt", "b/2.txt"]


@pytest.mark.parametrize("is_labelled", [True, False])
@pytest.mark.parametrize(
    "name", ["a.csv", "A.CSV.GZ", "b/a.jsonl", "a.jsonl.gz", "a.parquet", "a.tar", "b/a.tgz"]
)
def test_a_folder_with_one_data_file_is_that_file(
    tmp_path: Path, name: str, is_labelled: bool
) -> None:
    folder = reviews(tmp_path / "in", {name: "text", f"{name}.md": "about it"})
    copy = packed(store_dataset(str(folder), tmp_path / "datasets", is_labelled=is_labelled))
    assert copy.name == Path(name).name
    assert copy.read_text() == "text"


SEVERAL = {"a.csv": "text", "b/a.csv": "text", "b/c d#1.jsonl.gz": "{}", "old.tar.gz": "tar"}
OTHERS = {
    "_SUCCESS": "",
    "_tmp/d.csv": "x",
    ".ipynb_checkpoints/a-checkpoint.csv": "x",
    "a.md": "x",
}


@pytest.mark.parametrize("is_labelled", [True, False])
def test_a_folder_of_several_data_files_is_stored_without_other_files(
    tmp_path: Path, is_labelled: bool
) -> None:
    folder = reviews(tmp_path / "in", {**SEVERAL, **OTHERS})
    uri = store_dataset(str(folder), tmp_path / "datasets", is_labelled=is_labelled)
    assert uri.endswith("/in/")
    copy = packed(uri)
    assert texts(copy) == SEVERAL


def test_the_name_of_a_folder_depends_on_paths_and_contents(
    tmp_path: Path,
) -> None:
    def uri(name: str, files: dict[str, str]) -> str:
        return store_dataset(str(reviews(tmp_path / name / "in", files)), tmp_path / "datasets")

    first = uri("one", SEVERAL)
    assert uri("two", dict(reversed(SEVERAL.items()))) == first
    assert uri("three", {**SEVERAL, "a.csv": "other"}) != first
    assert uri("four", {**SEVERAL, "more.csv": "text"}) != first
    # Other names in the same order, with the same contents.
    renamed = {name.replace("a.csv", "aa.csv"): content for name, content in SEVERAL.items()}
    assert uri("five", renamed) != first


def test_an_incomplete_stored_folder_is_completed(tmp_path: Path) -> None:
    folder = reviews(tmp_path / "in", SEVERAL)
    uri = store_dataset(str(folder), tmp_path / "datasets")
    (packed(uri) / "b/a.csv").unlink()
    assert store_dataset(str(folder), tmp_path / "datasets") == uri
    assert (packed(uri) / "b/a.csv").read_text() == "text"


def test_a_folder_to_score_with_texts_and_tables_is_refused(tmp_path: Path) -> None:
    folder = reviews(tmp_path / "in", {"a.csv": "text", "notes.txt": "about it"})
    assert packed(store_dataset(str(folder), tmp_path / "datasets")).name == "a.csv"
    with pytest.raises(DatasetError) as refusal:
        store_dataset(str(folder), tmp_path / "datasets", is_labelled=False)
    assert str(refusal.value).startswith(f"{folder}: ")


def test_a_folder_with_the_suffix_of_a_text_is_ignored(tmp_path: Path) -> None:
    folder = reviews(tmp_path / "in", {**FILES, "train/pos/old.txt/1_9.txt": "good"})
    store_dataset(str(folder), tmp_path / "datasets")


def test_a_broken_link_is_ignored(tmp_path: Path) -> None:
    folder = reviews(tmp_path / "in", FILES)
    expected = store_dataset(str(folder), tmp_path / "datasets")
    (folder / "train/pos/1_9.txt").symlink_to(tmp_path / "nowhere")
    assert store_dataset(str(folder), tmp_path / "datasets") == expected


@pytest.mark.parametrize("dataset", ["in", "in/a.csv"])
def test_a_dataset_is_read_once_and_stored_once(tmp_path: Path, dataset: str) -> None:
    reviews(tmp_path / "in", SEVERAL)
    source, store = tmp_path / dataset, tmp_path / "datasets"
    with counting_reads() as reads:
        stored = packed(store_dataset(str(source), store))
    files = [path for path in stored.rglob("*") if path.is_file()] or [stored]
    assert len([path for path in reads if path.is_relative_to(tmp_path)]) == len(files)
    before = {path: path.stat() for path in files}
    with counting_reads() as reads:
        store_dataset(str(source), store)
    assert len([path for path in reads if path.is_relative_to(tmp_path)]) == len(files)
    assert {path: path.stat() for path in files} == before


def test_one_copy_of_a_dataset_serves_download_the_object_store_and_preprocess(
    tmp_path: Path,
) -> None:
    archive = write_tar(tmp_path / "a.tar", {"train/pos/1.txt": b"Fine."})
    uri = store_dataset(str(archive), tmp_path / "datasets")
    output, store = tmp_path / "raw", FolderStore(tmp_path / "s3")
    with counting_reads() as reads:
        download.run(download.parser().parse_args(["--uri", uri, "--output", str(output)]))
        store.publish(output, "s3://bucket/raw")
        store.digest("s3://bucket/raw")
        store.fetch("s3://bucket/raw", tmp_path / "input")
    assert (tmp_path / "input" / packed(uri).name).samefile(packed(uri))
    below = [path for path in reads if path.is_relative_to(tmp_path)]
    assert len(below) == 2  # Download reads the header and the paths before the first review


def test_stored_files_are_read_only(tmp_path: Path) -> None:
    reviews(tmp_path / "in", {"a.csv": "text"})
    reviews(tmp_path / "texts", FILES)
    for name in ("in", "texts"):
        stored = packed(store_dataset(str(tmp_path / name), tmp_path / "datasets"))
        assert stored.stat().st_mode & 0o222 == 0


def test_a_link_keeps_its_own_name(tmp_path: Path) -> None:
    reviews(tmp_path / "blobs", {"0123abcd": "text,label"})
    reviews(tmp_path / "cache", {"a.csv": "text", "b.csv": "text"})
    (tmp_path / "train.csv").symlink_to("blobs/0123abcd")
    (tmp_path / "reviews").symlink_to("cache")
    assert packed(store_dataset(f"{tmp_path}/train.csv", tmp_path / "d")).name == "train.csv"
    assert store_dataset(f"{tmp_path}/reviews", tmp_path / "d").endswith("/reviews/")


@pytest.mark.parametrize("here", [".", "..", "../here"])
def test_a_folder_is_named_however_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str
) -> None:
    monkeypatch.chdir(reviews(tmp_path / "here", {**SEVERAL, "here/a.csv": "text"}))
    name = store_dataset(here, tmp_path / "datasets").rstrip("/").rpartition("/")[2]
    assert name == (tmp_path.name if here == ".." else "here")


def test_an_empty_dataset_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reviews(tmp_path / "here", FILES))
    with pytest.raises(DatasetError):
        store_dataset("", tmp_path / "datasets")


@pytest.fixture(scope="module")
def demo_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo(tmp_path_factory.mktemp("demo"))


def test_the_demo_is_balanced(demo_archive: Path) -> None:
    with tarfile.open(demo_archive) as archive:
        names = archive.getnames()
    assert demo_archive.name == "demo-20000-5000.tar"
    assert len(set(names)) == 25_000
    assert Counter(name.rsplit("/", 1)[0] for name in names) == {
        "train/pos": 10_000,
        "train/neg": 10_000,
        "test/pos": 2_500,
        "test/neg": 2_500,
    }


def test_the_demo_is_reproducible(demo_archive: Path, tmp_path: Path) -> None:
    again = demo(tmp_path)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (demo_archive, again)]
    assert digests[0] == digests[1]
    assert [path.name for path in tmp_path.iterdir()] == [again.name]


def test_the_demos_reviews_have_the_length_of_real_ones(demo_archive: Path) -> None:
    with tarfile.open(demo_archive) as archive:
        sizes = [member.size for member in archive.getmembers()]
    assert min(sizes) > 10
    assert 1_000 < sum(sizes) / len(sizes) < 2_000


def test_the_demo_is_not_built_again(demo_archive: Path) -> None:
    before = demo_archive.stat().st_mtime_ns
    assert store_dataset(None, demo_archive.parent) == demo_archive.as_uri()
    assert demo_archive.stat().st_mtime_ns == before


def test_an_archive_keeps_a_misleading_name(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w"):
        pass
    (tmp_path / "x.tar.gz").write_bytes(buffer.getvalue())
    uri = store_dataset(str(tmp_path / "x.tar.gz"), tmp_path / "datasets")
    assert packed(uri).name == "x.tar.gz"
