"""Archives of tables become folders of their names."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import pyarrow
import pyarrow.parquet
import pytest

from processing.dataset.files.archives import ReviewArchive
from processing.dataset.files.unpacking import unpack, unpacked
from processing.errors import DataError
from tests.support.archives import special, write_members, write_tar, zipped
from tests.support.files import contents

TABLE = b"text,label\nFine.,pos\n"
Files = Mapping[str, bytes]


def write_zip(path: Path, files: Files) -> Path:
    path.write_bytes(zipped(files, zipfile.ZIP_DEFLATED))
    return path


def as_tar(path: Path, files: Files) -> Path:
    return write_tar(path, files)


def as_xz(path: Path, files: Files) -> Path:
    with tarfile.open(path, "w:xz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


BOTH = pytest.mark.parametrize("write", [write_zip, as_tar, as_xz])


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as refused:
        unpack(path, path.name)
    return str(refused.value)


COMPANIONS = {
    "__MACOSX/data/._train.csv": b"\0\5\x16\7",
    "data/.DS_Store": b"\0\0\0\1Bud1",
    "data/README.md": b"# About",
    "data/dataset_infos.json": b"{}",
    "data/_SUCCESS": b"",
    "data/.part-0.csv.crc": b"crc",
}


@BOTH
def test_tables_are_unpacked_without_companions(
    tmp_path: Path, write: Callable[[Path, Files], Path]
) -> None:
    tables = {"data/train.csv": TABLE, "data/test.csv.gz": gzip.compress(TABLE)}
    path = write(tmp_path / "archive.zip", {**COMPANIONS, **tables, "data/notes.docx": b"PK"})
    assert unpack(path, path.name) == ["data/notes.docx"]
    assert contents(path) == tables
    assert [each.name for each in tmp_path.iterdir()] == ["archive.zip"]


def test_a_zip_archive_named_csv_is_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "IMDB Dataset.csv", {"IMDB Dataset.csv": TABLE})
    assert unpack(path, path.name) == []
    assert contents(tmp_path) == {"IMDB Dataset.csv/IMDB Dataset.csv": TABLE}


def test_a_single_file_is_data_under_any_name(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"reviews": TABLE, "__MACOSX/._reviews": b"\0"})
    unpack(path, path.name)
    assert contents(path) == {"reviews": TABLE}


def test_a_zip_archive_of_texts_becomes_a_tar_archive(tmp_path: Path) -> None:
    texts = {"x/train/pos/1.txt": b"Fine.", "x/test/neg/2.txt": b"Bad.", "x/urls.csv": b"a"}
    path = write_zip(tmp_path / "aclImdb.zip", texts)
    unpack(path, path.name)
    [packed] = path.iterdir()
    assert [(found.name, found.text) for found in ReviewArchive(packed).labelled()] == [
        ("train/pos/1.txt", b"Fine."),
        ("test/neg/2.txt", b"Bad."),
    ]


@pytest.mark.parametrize(
    "files", [{"x/train/pos/1.txt": b"Fine.", "x/urls.csv": b"a"}, {"1.txt": b"Fine."}]
)
def test_a_tar_archive_of_texts_stays(tmp_path: Path, files: Files) -> None:
    path = write_tar(tmp_path / "reviews.tar.gz", files)
    before = path.read_bytes()
    assert unpack(path, path.name) == []
    assert path.read_bytes() == before
    with unpacked(tmp_path, [path]) as folder:
        assert folder == tmp_path


def test_an_archive_in_an_archive_is_unpacked(tmp_path: Path) -> None:
    write_zip(tmp_path / "train.zip", {"a.csv": TABLE})
    inner = (tmp_path / "train.zip").read_bytes()
    path = write_zip(tmp_path / "all.zip", {"train.zip": inner})
    unpack(path, path.name)
    assert contents(path) == {"train.zip/a.csv": TABLE}


def test_deeply_nested_archives_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "0.zip", {"a.csv": TABLE})
    for number in range(1, 6):
        path = write_zip(tmp_path / f"{number}.zip", {path.name: path.read_bytes()})
    assert "an archive in archives" in refusal(path)


def test_a_compressed_parquet_file_is_decompressed(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"text": ["Fine."]}), tmp_path / "a")
    data = (tmp_path / "a").read_bytes()
    path = tmp_path / "a.parquet.gz"
    path.write_bytes(gzip.compress(data))
    unpack(path, path.name)
    assert path.read_bytes() == data


def test_a_dataset_that_is_read_in_place_stays_as_it_is(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "train.zip", {"a.csv": TABLE})
    table = tmp_path / "b.csv"
    table.write_bytes(TABLE)
    before = contents(tmp_path)
    with unpacked(tmp_path, [path, table]) as folder:
        assert contents(folder) == {"train.zip/a.csv": TABLE, "b.csv": TABLE}
    assert not folder.exists()
    assert contents(tmp_path) == before


@BOTH
@pytest.mark.parametrize("name", ["../up.csv", "/root.csv", "a/../../up.csv"])
def test_a_path_outside_of_the_archive_is_refused(
    tmp_path: Path, write: Callable[[Path, Files], Path], name: str
) -> None:
    path = write(tmp_path / "a.zip", {"a.csv": TABLE, name: TABLE})
    assert refusal(path).startswith("a.zip: unsafe path ")


def test_backslashes_of_windows_separate_folders(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"data\\train.csv": TABLE, "data\\test.csv": TABLE})
    unpack(path, path.name)
    assert contents(path) == {"data/train.csv": TABLE, "data/test.csv": TABLE}


def test_links_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refusal(path) == "a.zip: 'a.csv' is a symbolic link; pack regular files only"
    tar = write_members(tmp_path / "a.tar", special("a.csv", tarfile.SYMTYPE, "/etc/passwd"))
    assert refusal(tar).startswith("a.tar: 'a.csv' is a symbolic link")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_path_twice_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.csv": TABLE})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a.csv", TABLE)
    assert refusal(path) == "a.zip: holds a.csv twice; rename one"


def test_a_password_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.csv": TABLE})
    data = bytearray(path.read_bytes())
    for magic, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + at] |= 1
    path.write_bytes(data)
    assert refusal(path) == "a.zip: protected by a password; unpack it"


@BOTH
def test_more_bytes_than_disk_space_are_refused_before_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, Files], Path]
) -> None:
    path = write(tmp_path / "a.zip", {"a.csv": bytes(9_999)})
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=5_000))
    assert "9,999 bytes" in refusal(path)


@pytest.mark.parametrize("files", [{}, {"README.md": b"# About"}, {"a.docx": b"", "b.docx": b""}])
def test_an_archive_without_data_is_refused(tmp_path: Path, files: Files) -> None:
    path = write_zip(tmp_path / "a.zip", files)
    assert refusal(path).startswith("a.zip: holds no tables and no reviews; ")


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.csv": TABLE * 99})
    data = bytearray(path.read_bytes())
    data[45:60] = bytes(15)
    path.write_bytes(data)
    assert refusal(path).startswith("a.zip: damaged zip archive ")


def test_a_foreign_file_in_an_archive_is_named_with_its_path(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"data/a.csv": b"<!DOCTYPE html>"})
    assert refusal(path).startswith("a.zip/data/a.csv: an HTML page")
