"""Inputs of one object: SageMaker also copies the objects whose keys begin with its key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from processing.dataset.files.input_object import input_object, print_ignored_objects
from processing.dataset.read import dataset_files
from processing.errors import DataError


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the input ``raw`` in a job's container."""
    monkeypatch.setenv("OPT_ML", str(tmp_path))
    folder = tmp_path / "processing/input/raw"
    folder.mkdir(parents=True)
    return folder


def request(raw: Path, uri: str) -> None:
    """Write the job's request, as SageMaker does."""
    sources = {"code": "s3://b/code.pyz", "raw": uri}
    inputs = [
        {
            "InputName": name,
            "S3Input": {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/input/{name}"},
        }
        for name, uri in sources.items()
    ]
    config = raw.parents[2] / "config"
    config.mkdir()
    (config / "processingjobconfig.json").write_text(json.dumps({"ProcessingInputs": inputs}))


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text,label\n")


def read(raw: Path) -> list[str]:
    return [path.relative_to(raw).as_posix() for path in dataset_files(raw)]


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("s3://b/raw/reviews.csv", "reviews.csv"),
        ("s3://b/raw/my reviews+%41#é?.csv", "my reviews+%41#é?.csv"),
        ("s3://b/raw/reviews", "reviews"),
        ("file:///datasets/0123/my%20reviews.csv", "my reviews.csv"),
    ],
)
def test_only_the_object_of_the_uri_is_read_and_the_others_are_named(
    raw: Path, uri: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    request(raw, uri)
    put(raw, name, f"{name}.gz", f"{name}.bak", f"{name}-old/a.csv")
    assert read(raw) == [name]
    print_ignored_objects(raw)
    [line] = capsys.readouterr().out.splitlines()
    assert all(other in line for other in (f"{name}.gz", f"{name}.bak", f"{name}-old/a.csv"))


@pytest.mark.parametrize("uri", ["s3://b/raw/", "s3://b/executions/1/raw/", None])
def test_everything_below_a_folder_is_read(
    raw: Path, uri: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if uri:
        request(raw, uri)
    put(raw, "a.csv", "raw.csv", "deep/raw.csv")
    print_ignored_objects(raw)
    assert read(raw) == ["a.csv", "deep/raw.csv", "raw.csv"]
    assert capsys.readouterr().out == ""


def test_other_folders_than_the_input_are_read_whole(raw: Path, tmp_path: Path) -> None:
    request(raw, "s3://b/raw/reviews.csv")
    put(tmp_path / "elsewhere", "a.csv", "b.csv")
    assert input_object(tmp_path / "elsewhere") is None


@pytest.mark.parametrize("name", ["reviews/a.csv", "reviews.csv", "a.csv"])
def test_a_folder_without_a_slash_is_refused(raw: Path, name: str) -> None:
    # What SageMaker copied doesn't tell a folder's own files from those beside it.
    request(raw, "s3://b/raw/reviews")
    put(raw, name)
    with pytest.raises(DataError, match=r"^s3://b/raw/reviews: no such object; .*end in /$"):
        dataset_files(raw)
