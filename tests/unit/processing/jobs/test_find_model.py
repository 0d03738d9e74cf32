"""The FindModel job: a version's files are copied, or the job fails before it writes anything."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processing.errors import DataError, UsageError
from processing.jobs import find_model
from tests.support.model_versions import vocabulary
from tests.support.registries import BUCKET, GROUP, IMAGE, SampleRegistry, metadata_of


def files(**other: Any) -> dict[str, bytes]:
    return {
        "evaluation.json": b'{"accuracy": 1}',
        "manifest/manifest.json": b'{"splits": 1}',
        "vocabulary/vocabulary.json": json.dumps(vocabulary(**other)).encode(),
    }


def register(registry: SampleRegistry, *statuses: str, **other: Any) -> None:
    for number, status in enumerate(statuses, start=1):
        registry.register(number, status, files(**other), metadata_of(number))


def found(folder: Path, version: str = "approved") -> dict[str, Any]:
    """The ``version.json`` that the job writes."""
    words = ["--group", GROUP, "--version", version, "--output", str(folder / "out")]
    find_model.run(find_model.parser().parse_args(words))
    written: dict[str, Any] = json.loads((folder / "out/version/version.json").read_text())
    return written


def test_newest_approved_version_is_written_with_copies_of_its_files(
    registry: SampleRegistry, tmp_path: Path
) -> None:
    register(registry, "Approved", "Approved", "PendingManualApproval")
    version = found(tmp_path)
    assert version.pop("model_package_arn").endswith(f":model-package/{GROUP}/2")
    assert version == {
        "approval": "Approved",
        "feature_format": "text/libsvm",
        "image": IMAGE,
        "labels": ["neg", "pos"],
        "model_uri": f"s3://{BUCKET}/models/2/model/model.tar.gz",
        "preprocessing_version": "1",
        "version": 2,
    }
    copies = {path.name: path.read_bytes() for path in (tmp_path / "out/version").iterdir()}
    del copies["version.json"]
    assert copies == {name.rpartition("/")[2]: content for name, content in files().items()}


def test_ngram_scores_are_copied_if_the_version_has_them(
    registry: SampleRegistry, tmp_path: Path
) -> None:
    scores = io.BytesIO()
    np.save(scores, np.zeros((3, 2), np.int8))
    content = files(preprocessing_version="ngrams-2", features="ngrams")
    content["vocabulary/ngram-scores.npy"] = scores.getvalue()
    registry.register(1, "Approved", content, metadata_of(1))
    assert found(tmp_path)["preprocessing_version"] == "ngrams-2"
    assert (tmp_path / "out/version/ngram-scores.npy").read_bytes() == scores.getvalue()


def test_unapproved_version_is_used_with_a_warning_if_requested(
    registry: SampleRegistry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register(registry, "Rejected", "Approved")
    version = found(tmp_path, "1")
    assert (version["version"], version["approval"]) == (1, "Rejected")
    assert "warning" in capsys.readouterr().out
    assert found(tmp_path, "2")["approval"] == "Approved"
    assert "warning" not in capsys.readouterr().out


def test_invalid_version_name_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="got 'newest'"):
        find_model.parser().parse_args(["--group", "g", "--output", "o", "--version=newest"])


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"[]", b"{}", b"\xff", b'{"preprocessing_version": "1"}'),
        json.dumps(vocabulary(preprocessing_version="99")).encode(),
    ],
)
def test_unusable_vocabulary_is_named_and_nothing_is_written(
    registry: SampleRegistry, tmp_path: Path, content: bytes
) -> None:
    broken = {**files(), "vocabulary/vocabulary.json": content}
    registry.register(1, "Approved", broken, metadata_of(1))
    uri = f"s3://{BUCKET}/models/1/vocabulary/vocabulary.json"
    with pytest.raises(DataError, match=f"^{uri}: "):
        found(tmp_path)
    assert not (tmp_path / "out").exists()


def test_version_of_another_pipeline_is_refused(registry: SampleRegistry, tmp_path: Path) -> None:
    registry.register(1, "Approved", files())
    with pytest.raises(DataError, match=f"{GROUP}/1: "):
        found(tmp_path)
