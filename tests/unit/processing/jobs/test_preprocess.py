"""Preprocess from end to end, as a job starts it: ``python processing.pyz preprocess ...``."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from processing import names
from processing.packaging import build
from processing.text.normalize import tokens
from tests.support.archives import write_tar
from tests.support.files import contents
from tests.support.programs import killed_if_failing

WORDS = "film plot actor scene music story great awful boring moving the and of".split()
JOBS = ", ".join(names.JOBS)
OUTPUTS = {
    "labels/part-00000.csv",
    "manifest/example-words.json",
    "manifest/manifest.json",
    "rows/part-00000.csv",
    "test/part-00000.libsvm",
    "train/part-00000.libsvm",
    "validation/part-00000.libsvm",
    "vocabulary/vocabulary.json",
}


@dataclass(frozen=True)
class Job:
    """A job that ended, and the folder of its outputs."""

    code: int
    out: str
    err: str
    message: str | None
    output: Path

    def files(self) -> dict[str, bytes]:
        """Their content, by their paths."""
        return contents(self.output)

    def json(self, name: str) -> Any:
        return json.loads((self.output / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def asset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("asset") / "processing.pyz")


def tiny_reviews() -> dict[str, bytes]:
    """20 training and 8 test reviews, two of them repeated, two unusable, and other files."""
    rng = random.Random(8)
    files = {
        f"aclImdb/{subset}/{folder}/{number}_5.txt": " ".join(rng.choices(WORDS, k=12)).encode()
        for subset, count in (("train", 10), ("test", 4))
        for folder in ("pos", "neg")
        for number in range(count)
    }
    files["aclImdb/train/neg/1_5.txt"] = files["aclImdb/train/neg/0_5.txt"]
    files["aclImdb/test/pos/1_5.txt"] = files["aclImdb/train/neg/0_5.txt"]
    files["aclImdb/train/pos/bad.txt"] = b"caf\xe9"
    files["aclImdb/test/neg/empty.txt"] = b""
    files["aclImdb/README"] = b"ignored"
    files["aclImdb/train/unsup/0_0.txt"] = b"zulu zulu zulu"
    return files


def raw_folder(tmp_path: Path, files: dict[str, bytes], name: str = "reviews.tar") -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    write_tar(folder / name, files)
    return folder


def run(asset: Path, tmp_path: Path, *arguments: object, raw: Path | None = None) -> Job:
    opt_ml, output = tmp_path / "opt", tmp_path / "output"
    opt_ml.mkdir()
    where = [] if raw is None else ["preprocess", "--raw", str(raw), "--output", str(output)]
    done = subprocess.run(
        [sys.executable, "-I", asset, *where, *map(str, arguments)],
        cwd=tmp_path,
        env={**os.environ, "OPT_ML": str(opt_ml)},
        capture_output=True,
        text=True,
        check=False,
    )
    message = opt_ml / "output" / "message"
    reason = message.read_text(encoding="utf-8") if message.exists() else None
    return Job(done.returncode, done.stdout, done.stderr, reason, output)


@pytest.fixture(scope="module")
def done(asset: Path, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The tiny reviews, preprocessed with the default options."""
    tmp_path = tmp_path_factory.mktemp("done")
    return run(asset, tmp_path, raw=raw_folder(tmp_path, tiny_reviews()))


def test_the_job_logs_skipped_reviews_and_written_rows(done: Job) -> None:
    assert (done.code, done.err, done.message) == (0, "", None)
    assert done.out.splitlines() == [
        "reviews.tar: skipped the unlabeled reviews: 1",
        "skipped test/neg/empty.txt: empty",
        "skipped train/pos/bad.txt: not UTF-8 at byte 3",
        "positive class: pos (of neg, pos)",
        "splits: train (path), validation (fraction of train), test (path)",
        "vocabulary of 10 terms",
        "wrote 12 rows of train",
        "wrote 8 rows of validation",
        "wrote 8 rows of test",
    ]


def test_the_job_writes_only_these_files(done: Job) -> None:
    assert set(done.files()) == OUTPUTS


def test_the_files_have_the_numbers_of_rows_in_the_manifest(done: Job) -> None:
    rows = {name: content.count(b"\n") for name, content in done.files().items()}
    assert rows["train/part-00000.libsvm"] == 12
    assert rows["validation/part-00000.libsvm"] == 8
    assert rows["test/part-00000.libsvm"] == rows["labels/part-00000.csv"] == 8
    assert rows["rows/part-00000.csv"] == 8


def test_row_files_have_the_name_and_word_counts_of_each_test_review(done: Job) -> None:
    rows = done.files()["rows/part-00000.csv"].decode().splitlines()
    vocabulary = set(done.json("vocabulary/vocabulary.json")["terms"])
    expected = {}
    for name, text in tiny_reviews().items():
        if name.startswith(("aclImdb/test/pos", "aclImdb/test/neg")) and text.strip():
            stems = tokens(text.decode())
            known = sum(stem in vocabulary for stem in stems)
            expected[name.removeprefix("aclImdb/")] = (len(stems), known)
    found = [line.rsplit(",", 2) for line in rows]
    assert {name: (int(words), int(known)) for name, words, known in found} == expected


def test_the_hash_of_the_test_texts_depends_on_these_texts_alone(
    asset: Path, done: Job, tmp_path: Path
) -> None:
    def hash_of(name: str, files: dict[str, bytes]) -> str:
        folder = tmp_path / name
        folder.mkdir()
        job = run(asset, folder, "--seed", 1, raw=raw_folder(folder, files, "other.tar"))
        return str(job.json("manifest/manifest.json")["test_texts_hash"])

    reviews = tiny_reviews()
    names = {name: name.replace("_5.txt", "_7.txt") for name in reversed(reviews)}
    renamed = {names[name]: reviews[name] for name in names}
    train, test = "aclImdb/train/pos/2_5.txt", "aclImdb/test/pos/2_5.txt"
    expected = done.json("manifest/manifest.json")["test_texts_hash"]
    assert hash_of("renamed", renamed) == expected
    assert hash_of("train", {**reviews, train: b"alpha bravo"}) == expected
    assert hash_of("test", {**reviews, test: b"alpha bravo"}) != expected


def test_the_manifest_describes_the_dataset(done: Job) -> None:
    archive = done.output.parent / "raw" / "reviews.tar"
    manifest = done.json("manifest/manifest.json")
    assert re.fullmatch("[0-9a-f]{16}", manifest.pop("test_texts_hash"))
    assert manifest == {
        "files": [
            {
                "name": "reviews.tar",
                "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
            },
        ],
        "duplicates": {"test": 0, "test_texts_in_train": 1, "train": 1},
        "feature_format": "text/libsvm",
        "features": "stems",
        "labels": {"negative": "neg", "positive": "pos", "source": "common pair"},
        "preprocessing_version": "1",
        "seed": 0,
        "skipped": [
            {"name": "test/neg/empty.txt", "reason": "empty"},
            {"name": "train/pos/bad.txt", "reason": "not UTF-8 at byte 3"},
        ],
        "splits": {
            split: {
                "negative": rows // 2,
                "positive": rows // 2,
                "positive_share": 0.5,
                "rows": rows,
                "source": source,
            }
            for split, rows, source in (
                ("test", 8, "path"),
                ("train", 12, "path"),
                ("validation", 8, "fraction of train"),
            )
        },
        "validation_fraction": 0.4,
        "vocabulary_size": 10,
    }


def test_the_vocabulary_counts_the_training_set(done: Job) -> None:
    training = [
        tokens(text.decode())
        for name, text in tiny_reviews().items()
        if name.startswith(("aclImdb/train/pos", "aclImdb/train/neg")) and b"\xe9" not in text
    ]
    stems = sorted({stem for review in training for stem in review})
    assert done.json("vocabulary/vocabulary.json") == {
        "document_counts": [sum(stem in review for review in training) for stem in stems],
        "documents": 20,
        "feature_format": "text/libsvm",
        "features": "stems",
        "labels": ["neg", "pos"],
        "preprocessing_version": "1",
        "term_counts": [sum(review.count(stem) for review in training) for stem in stems],
        "terms": stems,
    }


def test_a_second_run_writes_the_same_bytes(asset: Path, tmp_path: Path, done: Job) -> None:
    again = run(asset, tmp_path, raw=raw_folder(tmp_path, tiny_reviews()))
    assert again.files() == done.files()


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_any_number_of_workers_writes_the_same_bytes(
    asset: Path, tmp_path: Path, done: Job, workers: int
) -> None:
    again = run(asset, tmp_path, "--workers", workers, raw=raw_folder(tmp_path, tiny_reviews()))
    assert (again.code, again.err) == (0, "")
    assert again.out == done.out
    assert again.files() == done.files()


def test_the_order_of_the_archive_changes_nothing_but_its_hash(
    asset: Path, tmp_path: Path, done: Job
) -> None:
    shuffled = dict(random.Random(9).sample(items := list(tiny_reviews().items()), len(items)))
    other = run(asset, tmp_path, raw=raw_folder(tmp_path, shuffled))
    ours, theirs = other.json("manifest/manifest.json"), done.json("manifest/manifest.json")
    assert ours.pop("files") != theirs.pop("files")
    assert ours == theirs
    rest = OUTPUTS - {"manifest/manifest.json"}
    assert {name: other.files()[name] for name in rest} == {
        name: done.files()[name] for name in rest
    }


def test_another_seed_gives_another_split(asset: Path, tmp_path: Path, done: Job) -> None:
    other = run(asset, tmp_path, "--seed", 1, raw=raw_folder(tmp_path, tiny_reviews()))
    for name in ("train/part-00000.libsvm", "labels/part-00000.csv"):
        assert other.files()[name] != done.files()[name]
    vocabulary = "vocabulary/vocabulary.json"
    assert other.files()[vocabulary] == done.files()[vocabulary]


@pytest.mark.parametrize("name", ["manifest/manifest.json", "vocabulary/vocabulary.json"])
def test_json_is_written_with_sorted_keys(done: Job, name: str) -> None:
    expected = json.dumps(done.json(name), indent=1, sort_keys=True) + "\n"
    assert done.files()[name] == expected.encode("ascii")


def test_every_option_reaches_the_outputs(asset: Path, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, tiny_reviews(), "any.tar.gz")
    options = ["--vocabulary-size", 3, "--validation-fraction", 0.25, "--seed", -7]
    options += ["--feature-format", "text/csv", "--training-parts", 2]
    done = run(asset, tmp_path, *options, raw=raw)
    assert done.code == 0, done.err
    manifest = done.json("manifest/manifest.json")
    assert manifest["files"][0]["name"] == "any.tar.gz"
    assert manifest["seed"] == -7
    assert manifest["vocabulary_size"] == 3
    assert manifest["validation_fraction"] == 0.25
    assert manifest["feature_format"] == "text/csv"
    assert {name: content.count(b"\n") for name, content in done.files().items()} == {
        "labels/part-00000.csv": 8,
        "manifest/example-words.json": lines_of(done, "manifest/example-words.json"),
        "manifest/manifest.json": lines_of(done, "manifest/manifest.json"),
        "rows/part-00000.csv": 8,
        "test/part-00000.csv": 8,
        "train/part-00000.csv": 8,
        "train/part-00001.csv": 7,
        "validation/part-00000.csv": 3,
        "validation/part-00001.csv": 2,
        "vocabulary/vocabulary.json": lines_of(done, "vocabulary/vocabulary.json"),
    }
    cells = {
        name.split("/")[0]: content.split(b"\n")[0].count(b",") + 1
        for name, content in done.files().items()
        if ".csv" in name
    }
    assert cells == {"labels": 1, "rows": 3, "test": 3, "train": 4, "validation": 4}


def lines_of(job: Job, name: str) -> int:
    return job.files()[name].count(b"\n")


def test_stems_that_are_not_words_have_an_example_word(done: Job) -> None:
    assert done.json("manifest/example-words.json") == {
        "aw": "awful",
        "bore": "boring",
        "move": "moving",
        "stori": "story",
    }


def test_the_test_set_has_a_file_for_every_1000_rows(asset: Path, tmp_path: Path) -> None:
    files = tiny_reviews()
    files |= {f"x/test/pos/more{number}.txt": b"film" for number in range(1_000)}
    done = run(asset, tmp_path, raw=raw_folder(tmp_path, files))
    rows = {name: content.count(b"\n") for name, content in done.files().items()}
    for folder, suffix in (("test", "libsvm"), ("labels", "csv")):
        assert rows[f"{folder}/part-00000.{suffix}"] == 504
        assert rows[f"{folder}/part-00001.{suffix}"] == 504


def test_the_first_skipped_reviews_are_logged_and_all_are_in_the_manifest(
    asset: Path, tmp_path: Path
) -> None:
    files = tiny_reviews() | {f"x/test/pos/e{number}.txt": b" " for number in range(30)}
    done = run(asset, tmp_path, raw=raw_folder(tmp_path, files))
    logged = [line for line in done.out.splitlines() if line.startswith("skipped ")]
    assert len(logged) == 21
    assert logged[-1] == "skipped 32 in all; the manifest lists them"
    assert len(done.json("manifest/manifest.json")["skipped"]) == 32


def many_reviews(count: int = 6_000) -> dict[str, bytes]:
    """Some megabytes, so that several workers have several batches each."""
    rng = random.Random(10)
    words = [f"{first}{second}" for first in WORDS for second in ("", "s", "ed", "ing", *WORDS)]
    return {
        f"x/{subset}/{folder}/{number}.txt": " ".join(rng.choices(words, k=150)).encode()
        for number in range(count // 4)
        for subset in ("train", "test")
        for folder in ("pos", "neg")
    }


def test_large_archives_give_the_same_bytes_with_any_number_of_workers(
    asset: Path, tmp_path: Path
) -> None:
    raw = raw_folder(tmp_path, many_reviews())
    outputs = []
    for workers in (1, 2, 7):
        (tmp_path / str(workers)).mkdir()
        done = run(asset, tmp_path / str(workers), "--workers", workers, raw=raw)
        assert (done.code, done.err) == (0, "")
        outputs.append(done.files())
    assert outputs[0] == outputs[1] == outputs[2]


@pytest.mark.parametrize("workers", [1, 2])
def test_invalid_reviews_are_listed_by_name_with_any_number_of_workers(
    asset: Path, tmp_path: Path, workers: int
) -> None:
    files = many_reviews()
    names = list(files)
    files[names[2_000]], files[names[4_000]] = b"caf\xe9 " * 9, b"\n\t"
    done = run(asset, tmp_path, "--workers", workers, raw=raw_folder(tmp_path, files))
    assert done.code == 0, done.err
    assert done.json("manifest/manifest.json")["skipped"] == [
        {"name": names[4_000].removeprefix("x/"), "reason": "empty"},
        {"name": names[2_000].removeprefix("x/"), "reason": "not UTF-8 at byte 3"},
    ]


def test_a_file_too_large_for_a_review_ends_the_job_with_its_name(
    asset: Path, tmp_path: Path
) -> None:
    files = list(many_reviews().items())
    files.insert(4_000, ("x/train/pos/long.txt", bytes(2_000_000)))
    (tmp_path / "raw").mkdir()
    write_tar(tmp_path / "raw" / "reviews.tar", files)
    failed = run(asset, tmp_path, "--workers", 2, raw=tmp_path / "raw")
    assert (failed.code, failed.files()) == (1, {})
    assert failed.err.startswith("error: reviews.tar: 'x/train/pos/long.txt' has 2,000,000 bytes, ")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="workers are found in /proc")
def test_a_killed_worker_ends_the_job_with_one_line(asset: Path, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, many_reviews())
    started = subprocess.Popen(
        [
            *(sys.executable, "-I", asset, "preprocess", "--workers", "2"),
            *("--raw", raw, "--output", tmp_path / "output"),
        ],
        env={**os.environ, "OPT_ML": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with killed_if_failing(started) as job:
        while not (workers := children_of(job.pid)):
            assert job.poll() is None
        os.kill(workers[0], signal.SIGKILL)
        _, said = job.communicate(timeout=60)
    assert job.returncode == 1
    assert said == (
        "error: a worker process was killed by signal 9 (out of memory?); "
        "give the job more memory, or fewer --workers\n"
    )
    assert (tmp_path / "output" / "message").read_text() == said.removeprefix("error: ").strip()
    assert not (tmp_path / "output" / "train").exists()


def no_archive(raw: Path) -> str:
    return f"{raw}: no tables or archives "


def a_web_page(raw: Path) -> str:
    (raw / "reviews.tar.gz").write_text("<html>not found</html>" * 99, encoding="utf-8")
    return "reviews.tar.gz: an HTML page, "


def a_truncated_archive(raw: Path) -> str:
    whole = gzip.compress(write_tar(raw / "reviews.tar", tiny_reviews()).read_bytes())
    (raw / "reviews.tar").write_bytes(whole[: len(whole) // 2])
    return "reviews.tar: truncated; fetch "


def a_missing_class(raw: Path) -> str:
    files = {name: text for name, text in tiny_reviews().items() if "test/neg" not in name}
    write_tar(raw / "reviews.tar", files)
    return (
        "no usable review in test/neg; expected <any folder>/{train,test}/{pos,neg}/<name>.txt, "
        "or a table with two labels"
    )


def only_stop_words(raw: Path) -> str:
    write_tar(raw / "reviews.tar", dict.fromkeys(tiny_reviews(), b"the of"))
    return "the training reviews hold no word but stop words; check their encoding"


def no_reviews(raw: Path) -> str:
    write_tar(raw / "reviews.tar", {"README": b"hello"})
    return (
        "no usable review in train/pos; expected <any folder>/{train,test}/{pos,neg}/<name>.txt, "
        "or a table with two labels"
    )


@pytest.mark.parametrize(
    "prepare",
    [no_archive, a_web_page, a_truncated_archive, a_missing_class, only_stop_words, no_reviews],
)
def test_an_invalid_dataset_ends_the_job_with_one_line_and_without_output(
    asset: Path, tmp_path: Path, prepare: Callable[[Path], str]
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    reason = prepare(raw)
    failed = run(asset, tmp_path, raw=raw)
    assert failed.code == 1
    assert failed.message
    assert failed.message.startswith(reason)
    assert failed.err == f"error: {failed.message}\n"
    assert failed.files() == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--vocabulary-size", "0"], "must be an integer >= 1, got '0'"),
        (["--vocabulary-size", "5e3"], "must be an integer >= 1, got '5e3'"),
        (["--workers", "0"], "must be an integer >= 1, got '0'"),
        (["--vocabulary-size", "-1"], "must be an integer >= 1, got '-1'"),
        (["--training-parts", ""], "must be an integer >= 1, got ''"),
        (["--validation-fraction", "1"], "must be a number > 0 and < 1, got '1'"),
        (["--validation-fraction", "0.0"], "must be a number > 0 and < 1, got '0.0'"),
        (["--validation-fraction", "nan"], "must be a number > 0 and < 1, got 'nan'"),
        (["--validation-fraction", "40%"], "must be a number > 0 and < 1, got '40%'"),
        (["--feature-format", "text/tsv"], "invalid choice: 'text/tsv'"),
        (["--seed", "x"], "invalid int value: 'x'"),
        (["--vocab", "9"], "unrecognized arguments: --vocab 9"),
    ],
)
def test_an_invalid_argument_ends_the_job_with_code_2(
    asset: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    failed = run(asset, tmp_path, *arguments, raw=tmp_path)
    assert failed.code == 2
    assert message in failed.err.splitlines()[-1]
    assert "Traceback" not in failed.err
    assert failed.files() == {}


def test_an_invalid_argument_is_reported_in_one_line_and_as_failure_reason(
    asset: Path, tmp_path: Path
) -> None:
    failed = run(asset, tmp_path, "--vocabulary-size", 0, raw=tmp_path)
    assert len(failed.err.splitlines()) == 1
    assert failed.message is not None
    assert "must be an integer >= 1, got '0'" in failed.message


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["--raw", "x"]])
def test_an_unknown_job_is_refused_with_a_list_of_the_jobs(
    asset: Path, tmp_path: Path, arguments: list[str]
) -> None:
    failed = run(asset, tmp_path, *arguments)
    assert failed.code == 2
    assert failed.message == f"the first argument must be one of {JOBS}"
    assert failed.err == f"error: {failed.message}\n"


def test_a_failure_is_reported_even_without_a_folder_for_the_reason(
    asset: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-I", asset, "nonsense"],
        env={**os.environ, "OPT_ML": str(tmp_path / "missing")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"error: the first argument must be one of {JOBS}\n"
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize(
    "name", [b"x/train/pos/caf\xe9.txt", b"x/train/pos/a\nb.txt"], ids=["bytes", "break"]
)
def test_a_skipped_review_with_an_odd_name_is_logged_in_one_line(
    asset: Path, tmp_path: Path, name: bytes
) -> None:
    files = tiny_reviews() | {name.decode("utf-8", "surrogateescape"): b""}
    done = run(asset, tmp_path, raw=raw_folder(tmp_path, files))
    assert done.code == 0, done.err
    logged = [line for line in done.out.splitlines() if line.endswith(": empty")]
    assert len([line for line in logged if line.startswith("skipped train/pos/")]) == 1
    assert all(
        skip["name"].isprintable() for skip in done.json("manifest/manifest.json")["skipped"]
    )


def test_an_odd_name_that_occurs_twice_is_refused_in_one_line(asset: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    entries = [*tiny_reviews().items(), *[("x/train/pos/caf\udce9.txt", b"film")] * 2]
    write_tar(raw / "reviews.tar", entries)
    failed = run(asset, tmp_path, raw=raw)
    assert failed.code == 1
    assert len(failed.err.splitlines()) == 1
    assert failed.message is not None
    assert failed.message.endswith("occurs twice; give each review once, or ids of their own")
