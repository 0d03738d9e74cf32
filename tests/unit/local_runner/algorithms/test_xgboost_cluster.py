"""Training of the XGBoost emulation on several hosts: one model of all rows, saved once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import xgboost

from local_runner.algorithms.xgboost.cluster import Cluster
from local_runner.algorithms.xgboost.train import train as train_alone
from tests.support.programs import killed_if_failing
from tests.support.xgboost_samples import (
    libsvm,
    sample,
    start_image,
    write_hosts,
    write_opt_ml,
)

# XGBoost 3.0 deprecates the way in which the image reads text files.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:xgboost")

FIRST, SECOND = libsvm(sample(120, seed=1)), libsvm(sample(120, seed=2))
CHECK, NOISY = libsvm(sample(80, seed=3)), libsvm(sample(80, seed=4, noise=0.9))
SEVERAL = {"subsample": "0.8", "eval_metric": "error,logloss"}

Shares = dict[str, dict[str, str]]
"""By host: the content of each channel's only file; empty for no data."""


@dataclass(frozen=True)
class Ended:
    """Exit code, output and model (or None) of each host's program."""

    codes: dict[str, int]
    out: dict[str, str]
    models: dict[str, bytes | None]

    @property
    def model(self) -> bytes:
        """The only saved model."""
        (model,) = [model for model in self.models.values() if model is not None]
        return model

    def metrics(self, name: str) -> list[str]:
        """The values of a metric that all hosts together printed, round by round."""
        text = "\n".join(self.out.values())
        return re.findall(rf"\[\d+\]\t.*{name}:(\S+)", text)


def train(root: Path, shares: Shares, **hyperparameters: str) -> Ended:
    """Run the program once for each host, all at the same time, to the end."""
    network = root / "network"
    network.mkdir(parents=True)
    processes = {}
    for name, channels in shares.items():
        opt_ml = write_opt_ml(root / name, channels, **hyperparameters)
        write_hosts(opt_ml, name, list(shares))
        processes[name] = start_image(opt_ml, "train", LOCAL_NETWORK=str(network))
    out = {}
    for name, process in processes.items():
        with killed_if_failing(process):
            stdout, stderr = process.communicate(timeout=60)
            out[name] = stdout + stderr
    models = {name: root / name / "model/xgboost-model" for name in shares}
    return Ended(
        {name: process.returncode for name, process in processes.items()},
        out,
        {name: path.read_bytes() if path.exists() else None for name, path in models.items()},
    )


def two(first: str = FIRST, second: str = SECOND) -> Shares:
    return {
        "algo-1": {"train": first, "validation": CHECK},
        "algo-2": {"train": second, "validation": NOISY},
    }


def booster(model: bytes) -> xgboost.Booster:
    loaded = xgboost.Booster()
    loaded.load_model(bytearray(model))
    return loaded


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return train(tmp_path_factory.mktemp("two"), two(), **SEVERAL)


def test_every_host_succeeds_and_the_first_one_saves_the_model(ended: Ended) -> None:
    assert ended.codes == {"algo-1": 0, "algo-2": 0}
    assert ended.models["algo-1"] is not None
    assert ended.models["algo-2"] is None


def test_model_has_learned_from_the_rows_of_all_hosts(tmp_path: Path) -> None:
    """A tree of one leaf predicts the mean of all labels: 1/4 on one host, 3/4 on the other."""
    rare, common = "1 0:1\n" + "0 0:1\n" * 3, "1 0:1\n" * 3 + "0 0:1\n"
    options = {"num_round": "1", "eta": "1", "lambda": "0", "base_score": "0.5"}
    together = train(tmp_path, {"algo-1": {"train": rare}, "algo-2": {"train": common}}, **options)
    alone = write_opt_ml(tmp_path / "alone", {"train": rare}, **options)
    train_alone(alone)
    row = xgboost.DMatrix([[1.0]])
    assert booster(together.model).predict(row)[0] == pytest.approx(0.5)
    assert booster((alone / "model/xgboost-model").read_bytes()).predict(row)[0] < 0.4


def test_metrics_cover_all_rows_and_are_printed_once(ended: Ended) -> None:
    """The error rate of all rows is between those of the hosts."""
    errors = [float(value) for value in ended.metrics("validation-error")]
    assert len(errors) == 5
    assert 0.3 < errors[-1] < 0.7  # 0.1 on the rows of one host, 0.9 on those of the other


def test_training_on_the_same_hosts_again_gives_the_same_bytes(
    ended: Ended, tmp_path: Path
) -> None:
    assert train(tmp_path, two(), **SEVERAL).model == ended.model


def test_early_stopping_uses_the_rows_of_all_hosts(
    tmp_path: Path,
) -> None:
    shares = two()
    shares["algo-1"]["validation"] = NOISY
    ended = train(
        tmp_path, shares, num_round="12", early_stopping_rounds="2", eval_metric="logloss"
    )
    scores = [float(value) for value in ended.metrics("validation-logloss")]
    best = scores.index(min(scores))
    assert best + 1 < 10
    assert booster(ended.model).num_boosted_rounds() == best + 1


def test_metric_that_the_image_computes_is_the_mean_of_the_hosts(tmp_path: Path) -> None:
    """Each host's share of class 1 is its accuracy: every probability counts as class 1."""
    rare, common = "1 0:1\n" + "0 0:1\n" * 3, "1 0:1\n" * 3 + "0 0:1\n"
    shares = {"algo-1": {"train": rare * 2}, "algo-2": {"train": common * 2 + "1 0:1\n" * 4}}
    ended = train(tmp_path, shares, eval_metric="accuracy", num_round="1")
    means = ended.metrics("train-accuracy")
    assert [float(value) for value in means] == pytest.approx([(1 / 4 + 10 / 12) / 2], abs=1e-5)


def test_host_without_data_in_a_channel_does_not_participate(tmp_path: Path) -> None:
    shares = two()
    shares["algo-2"]["validation"] = ""
    ended = train(tmp_path, shares, **SEVERAL)
    assert ended.codes == {"algo-1": 0, "algo-2": 0}
    assert "Host algo-2 does not have validation data; it will not be used" in ended.out["algo-2"]
    alone = write_opt_ml(tmp_path / "alone", shares["algo-1"], **SEVERAL)
    train_alone(alone)
    assert ended.models["algo-1"] == (alone / "model/xgboost-model").read_bytes()


def test_first_host_that_has_data_saves_the_model(tmp_path: Path) -> None:
    shares = {"algo-1": {"train": ""}, "algo-2": {"train": FIRST}, "algo-3": {"train": SECOND}}
    ended = train(tmp_path, shares)
    assert ended.codes == {"algo-1": 0, "algo-2": 0, "algo-3": 0}
    assert [name for name, model in ended.models.items() if model is not None] == ["algo-2"]


def test_all_hosts_succeed_without_a_model_if_none_has_data_in_every_channel(
    tmp_path: Path,
) -> None:
    """As in the image: every host exits before its error for this case."""
    shares = {
        "algo-1": {"train": FIRST, "validation": ""},
        "algo-2": {"train": "", "validation": CHECK},
    }
    ended = train(tmp_path, shares)
    assert ended.codes == {"algo-1": 0, "algo-2": 0}
    assert set(ended.models.values()) == {None}


def test_unsupported_setting_on_several_hosts_is_reported_in_xgboosts_words(tmp_path: Path) -> None:
    ended = train(tmp_path, two(), tree_method="exact")
    assert ended.codes == {"algo-1": 1, "algo-2": 1}
    failure = (tmp_path / "algo-1/output/failure").read_text()
    assert failure.startswith("XGB train call failed with exception:")
    assert "`exact` tree method doesn't support distributed training" in failure


def test_error_on_one_host_ends_all_hosts(tmp_path: Path) -> None:
    """The failing host reports the reason; the others end because its connection is closed."""
    narrow = {"train": "1 0:1 2:1\n0 0:1\n", "validation": CHECK}
    ended = train(tmp_path, {**two(), "algo-2": narrow})
    assert ended.codes == {"algo-1": 1, "algo-2": 1}
    reason = "Number of columns does not match number of features in booster"
    assert reason in (tmp_path / "algo-2/output/failure").read_text()
    assert reason not in (tmp_path / "algo-1/output/failure").read_text()


def test_hosts_are_sorted_by_their_names_as_the_image_sorts_them(tmp_path: Path) -> None:
    opt_ml = write_opt_ml(tmp_path / "ml", {})
    names = [f"algo-{number}" for number in range(1, 12)]
    write_hosts(opt_ml, "algo-1", names)
    cluster = Cluster.read(opt_ml / "input/config", None)
    assert cluster.hosts[:4] == ("algo-1", "algo-10", "algo-11", "algo-2")
    assert cluster.is_master
