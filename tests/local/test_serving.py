"""A version that a run has registered, behind `serve`: the answers equal those of the pipeline."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.clean_room import ROOT
from tests.support.local_runs import Run, invented_reviews
from tests.support.programs import killed_if_failing
from tests.support.served_models import announced, request

JSON, JSON_LINES, CSV, TEXT = "application/json", "application/jsonlines", "text/csv", "text/plain"
MODEL = ("--model", "1")


@dataclass(frozen=True)
class Served:
    """A server, and the reviews of the test set in order with Batch Transform's predictions."""

    url: str
    texts: list[str]
    predictions: list[float]

    def invoke(self, body: str, content_type: str, **headers: str) -> str:
        status, answer, _ = request(
            f"{self.url}/invocations", body.encode(), {"Content-Type": content_type, **headers}
        )
        assert status == 200, answer
        return answer.decode()


def sentiment(workdir: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "operations", *words, "--workdir", str(workdir), "--json"]


@pytest.fixture(scope="module")
def served(first: Run) -> Iterator[Served]:
    texts = {name.split("/", 1)[-1]: text for name, text in invented_reviews()}
    ids = [line.split(",")[0].split("/", 1)[-1] for line in first.lines("rows")]
    predictions = [float(line) for line in first.lines("predictions")]
    with killed_if_failing(
        subprocess.Popen(
            sentiment(first.workdir, "serve", "--port", "0", *MODEL),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
    ) as program:
        yield Served(announced(program)["url"], [texts[name] for name in ids], predictions)
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0


def of_json(answer: str) -> list[dict[str, Any]]:
    content = json.loads(answer)
    assert content["model_version"] == "1"
    found: list[dict[str, Any]] = content["predictions"]
    return found


def of_json_lines(answer: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.splitlines()]


def of_csv(answer: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(answer)))


def test_reviews_of_the_test_set_get_the_predictions_of_batch_transform(served: Served) -> None:
    table = io.StringIO()
    rows = csv.DictWriter(table, ["id", "text"])
    rows.writeheader()
    rows.writerows({"id": number, "text": text} for number, text in enumerate(served.texts))
    instances = [{"text": text} for text in served.texts]
    answers = {
        "list": of_json(served.invoke(json.dumps(served.texts), JSON)),
        "instances": of_json(served.invoke(json.dumps({"instances": instances}), JSON)),
        "lines": of_json_lines(served.invoke("\n".join(map(json.dumps, instances)), JSON_LINES)),
        "table": of_csv(served.invoke(table.getvalue(), CSV)),
        "accepted": of_csv(served.invoke(json.dumps(served.texts), JSON, Accept=CSV)),
    }
    for name, answer in answers.items():
        found = [float(prediction["probability"]) for prediction in answer]
        assert found == served.predictions, name
    assert len({prediction["label"] for prediction in answers["list"]}) == 2


def test_explanation_is_that_of_predict_here_and_by_the_server(served: Served, first: Run) -> None:
    text = served.texts[0]

    def predicted(*options: str) -> Mapping[str, Any]:
        ended = subprocess.run(
            sentiment(first.workdir, "predict", text, *options),
            cwd=ROOT,
            capture_output=True,
            timeout=120,
            check=True,
        )
        found: dict[str, Any] = json.loads(ended.stdout)
        for key in ("approval", "model_package_arn", "model_version", "url"):
            found.pop(key, None)
        return found

    here, there = predicted(*MODEL), predicted("--url", served.url)
    assert here == there
    explained = {"X-Amzn-SageMaker-Custom-Attributes": "explain=true"}
    [answer] = of_json(served.invoke(text, TEXT, **explained))
    assert answer == here
    assert here["probability"] == served.predictions[0]
    assert here["words"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", TEXT, 400),
        (b"\xff", TEXT, 400),
        (b"[" * 100_000, JSON, 400),
        (b'{"instances": NaN}', JSON, 400),
        (b"a" * (6 * 1024**2 + 1), TEXT, 413),
        (b"a", "image/png", 415),
    ],
)
def test_request_that_cannot_be_answered_has_one_sentence(
    served: Served, body: bytes, content_type: str, status: int
) -> None:
    found, answer, _ = request(f"{served.url}/invocations", body, {"Content-Type": content_type})
    assert found == status
    assert json.loads(answer)["error"]
