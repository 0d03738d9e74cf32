"""FindModel: the version that was asked for, with all that scoring needs of it; or one line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processing.errors import DataError, UsageError
from processing.jobs import find_model
from tests.support.model_versions import vocabulary
from tests.support.registries import (
    ARNS,
    GROUP,
    Place,
    kept,
    registry_place,
)


@pytest.fixture(params=["local", "aws"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    with registry_place(request.param, tmp_path, monkeypatch) as made:
        yield made


def files(**other: Any) -> dict[str, bytes]:
    return {
        "evaluation.json": b'{"accuracy": 1}',
        "manifest/manifest.json": b'{"splits": 1}',
        "vocabulary/vocabulary.json": json.dumps(vocabulary(**other)).encode(),
    }


def register(place: Place, *statuses: str, **other: Any) -> None:
    for number, status in enumerate(statuses, start=1):
        place.put(number, status, files(**other), kept(number))


def found(folder: Path, version: str = "approved") -> dict[str, Any]:
    words = ["--group", GROUP, "--version", version, "--output", str(folder / "out")]
    find_model.run(find_model.parser().parse_args(words))
    return json.loads((folder / "out/version/version.json").read_text())


def test_newest_approved_version_comes_with_copies_of_all_that_it_kept(
    place: Place, tmp_path: Path
) -> None:
    register(place, "Approved", "Approved", "PendingManualApproval")
    told = found(tmp_path)
    assert told.pop("model_package_arn").endswith(f":model-package/{GROUP}/2")
    assert told == {
        "approval": "Approved",
        "feature_format": "text/libsvm",
        "labels": ["neg", "pos"],
        "preprocessing_version": "1",
        "version": 2,
    }
    copies = {path.name: path.read_bytes() for path in (tmp_path / "out/version").iterdir()}
    del copies["version.json"]
    assert copies == {name.rpartition("/")[2]: content for name, content in files().items()}


def test_version_with_evidence_comes_with_its_weights(place: Place, tmp_path: Path) -> None:
    weights = io.BytesIO()
    np.save(weights, np.zeros((3, 2), np.int8))
    told = files(preprocessing_version="evidence-1", features="evidence")
    told["vocabulary/evidence.npy"] = weights.getvalue()
    place.put(1, "Approved", told, kept(1))
    assert found(tmp_path)["preprocessing_version"] == "evidence-1"
    assert (tmp_path / "out/version/evidence.npy").read_bytes() == weights.getvalue()


def test_version_is_found_by_number_and_by_arn_whatever_its_status(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register(place, "Rejected", "Approved")
    told = found(tmp_path, "1")
    assert (told["version"], told["approval"]) == (1, "Rejected")
    assert "1 (Rejected)\nnobody has approved it" in capsys.readouterr().out
    assert found(tmp_path, told["model_package_arn"]) == told


def test_without_an_approved_version_the_remedy_is_told(place: Place, tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=rf"^{GROUP}: no version is approved \(there is none at all"
    ):
        found(tmp_path)
    register(place, "Rejected", "PendingManualApproval")
    with pytest.raises(DataError, match=r"approve one .*, or name a version by its number") as told:
        found(tmp_path)
    assert "(there are 2 (PendingManualApproval), 1 (Rejected))" in str(told.value)


def test_number_that_is_none_is_told_with_those_that_are(place: Place, tmp_path: Path) -> None:
    register(place, "Approved")
    with pytest.raises(DataError, match=r"there is no version 7 \(there are 1 \(Approved\)\)$"):
        found(tmp_path, "7")


def test_arn_that_is_none_is_told(place: Place, tmp_path: Path) -> None:
    register(place, "Approved")
    with pytest.raises(DataError, match=rf"^{ARNS}/7: "):
        found(tmp_path, f"{ARNS}/7")


@pytest.mark.parametrize("version", ["", "newest", "-1", "1.5", "arn:", "local-0001", f"{ARNS}/x"])
def test_version_that_could_be_none_is_a_usage_error(version: str) -> None:
    with pytest.raises(UsageError, match="is no version; use approved, a version's number, or"):
        find_model.parser().parse_args(["--group", "g", "--output", "o", f"--version={version}"])


def test_preprocessing_that_this_code_lacks_is_refused_before_anything_is_written(
    place: Place, tmp_path: Path
) -> None:
    register(place, "Approved", preprocessing_version="99")
    with pytest.raises(
        DataError, match=r"vocabulary\.json: preprocessing version '99' isn't among"
    ):
        found(tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"preprocessing_version": "1"}'])
def test_vocabulary_that_is_none_is_told_with_its_place(
    place: Place, tmp_path: Path, content: bytes
) -> None:
    broken = {**files(), "vocabulary/vocabulary.json": content}
    place.put(1, "Approved", broken, kept(1))
    with pytest.raises(DataError, match=r"^s3://.*/1/vocabulary/vocabulary.json: no vocabulary"):
        found(tmp_path)


def test_version_that_another_pipeline_registered_is_told(place: Place, tmp_path: Path) -> None:
    place.put(1, "Approved", files())
    with pytest.raises(DataError, match=rf"{GROUP}/1: not registered by this pipeline"):
        found(tmp_path)
