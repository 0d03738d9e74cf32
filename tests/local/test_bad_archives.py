"""A run on an unusable archive ends with one line that names the step and the fault."""

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


CASES: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "truncated": (truncated, "Preprocess", "reviews.tar.gz: truncated; fetch it again"),
    "damaged": (damaged, "Preprocess", "reviews.tar.gz: damaged gzip stream"),
    "symlink": (
        with_link,
        "Preprocess",
        "reviews.tar.gz: 'aclImdb/train/neg/3_5.txt' is a symbolic link; pack regular files only",
    ),
    "path-outside": (climbing, "Preprocess", "reviews.tar.gz: unsafe path '../../train/neg/"),
    "no-test-neg": (
        without_test_neg,
        "Preprocess",
        "no usable review in test/neg; expected <any folder>/{train,test}/{pos,neg}/<name>.txt",
    ),
    "review-twice": (with_duplicate, "Preprocess", "train/pos/0_5.txt occurs twice"),
    "no-archive": (no_archive, "Download", "neither a tar archive nor a table"),
    "empty": (empty_file, "Download", "neither a tar archive nor a table"),
}


def require_failed(ended: Run, step: str, message: str) -> None:
    assert (ended.code, ended.stderr) == (1, "")
    assert ended.summary["status"] == "Failed"
    name, status = list(ended.statuses.items())[-1]
    assert (name, status) == (step, "Failed")
    reason = ended.summary["steps"][-1]["failure_reason"]
    assert message in reason
    assert "exit code" not in reason
    assert "\n" not in reason


@pytest.mark.parametrize(("make", "step", "message"), CASES.values(), ids=CASES)
def test_unusable_archive_fails_its_step_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], step: str, message: str
) -> None:
    ended = run(tmp_path / "runs", make(tmp_path))
    require_failed(ended, step, message)
    assert ended.versions() == []


def test_same_command_works_after_the_archive_is_replaced(tmp_path: Path, archive: Path) -> None:
    dataset = tmp_path / "reviews.tar.gz"
    dataset.write_bytes(archive.read_bytes()[:10_000])
    definition = definition_until("Preprocess", tmp_path)
    broken = run(tmp_path / "runs", dataset, definition=definition)
    dataset.write_bytes(archive.read_bytes())
    replaced = run(tmp_path / "runs", dataset, definition=definition)
    assert (broken.code, replaced.code) == (1, 0)
    assert replaced.cached == []


def test_invalid_parameter_fails_its_step_in_one_line(tmp_path: Path, archive: Path) -> None:
    ended = run(tmp_path / "runs", archive, "ValidationFraction=1.5")
    assert ended.code == 1
    reason = ended.summary["steps"][-1]["failure_reason"]
    assert "got '1.5'" in reason
    assert reason.endswith(", exit code: 2")


def test_hyperparameter_out_of_range_fails_with_the_images_message(
    tmp_path: Path, archive: Path
) -> None:
    ended = run(tmp_path / "runs", archive, "Subsample=0")
    require_failed(ended, "Train", "Hyperparameter subsample: 0.0 is not in (0, 1]")
