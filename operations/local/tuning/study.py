"""Optuna's study of a search, in a journal: proposals of values, and pruning."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import optuna
from optuna.samplers import BaseSampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import Trial

from operations.errors import CliError
from operations.local.tuning.space import Choices, NumberRange, Range, Value

TPE, RANDOM = "tpe", "random"

_JOURNAL = "journal.log"
_STUDY = "search"
_TRIALS_BEFORE_PRUNING = 5
_WARM_UP = 10
"""Steps of a training's progress before which it isn't pruned: rounds x Eta.

Shallow trees learn less in each round, too, and may be the best in the end.
"""


def open_study(folder: Path, *, maximize: bool) -> optuna.Study:
    """Return the study in a folder that no other process may use; a new one if it has none.

    Raise CliError for a damaged journal.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(
            storage=JournalStorage(_journal(folder / _JOURNAL)),
            study_name=_STUDY,
            direction="maximize" if maximize else "minimize",
            pruner=optuna.pruners.MedianPruner(_TRIALS_BEFORE_PRUNING, _WARM_UP),
            load_if_exists=True,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CliError(f"{folder / _JOURNAL}: damaged ({error}); remove its folder") from None


class _NoLock:
    """The lock of a journal that needs none: the search's lock keeps other processes out.

    Optuna's own is a file, which a killed process leaves behind.
    """

    def acquire(self) -> bool:
        """Return True."""
        return True

    def release(self) -> None:
        """Do nothing."""


def _journal(path: Path) -> JournalFileBackend:
    """Open the journal, without a last line that a killed process hasn't written to its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
    return JournalFileBackend(str(path), _NoLock())


def sampler(strategy: str, seed: int, number: int) -> BaseSampler:
    """Return the sampler of one trial. number: of the trial in the study."""
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    own = int.from_bytes(digest[:4], "big")
    if strategy == RANDOM:
        return optuna.samplers.RandomSampler(own)
    return optuna.samplers.TPESampler(seed=own)


def suggested(trial: Trial, item: Range) -> Value:
    """Return a trial's value in a range."""
    match item:
        case Choices():
            return str(trial.suggest_categorical(item.name, item.values))
        case NumberRange(is_integer=True):
            low, high = int(item.low), int(item.high)
            return item.value(trial.suggest_int(item.name, low, high, log=item.is_log))
        case NumberRange():
            return item.value(trial.suggest_float(item.name, item.low, item.high, log=item.is_log))
