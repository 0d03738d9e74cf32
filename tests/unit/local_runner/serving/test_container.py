"""Which code answers, by the container's environment: a script, or the image's algorithm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

from local_runner.algorithms.script_mode.serving import ScriptError
from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.serve import Model
from local_runner.algorithms.xgboost.train import train
from local_runner.serving.container import application
from tests.support.runner_samples import SKLEARN, XGBOOST
from tests.support.xgboost_samples import csv, sample, write_opt_ml

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:xgboost")

CSV, JSON = "text/csv", "application/json"
ROWS = csv(sample(5, seed=2), labels=False).encode()

SCRIPT = """
import flask
def model_fn(model_dir):
    with open(f"{model_dir}/factor") as file:
        return int(file.read())
def predict_fn(data, model):
    return data * model
"""
TRANSFORM = """
import flask
def model_fn(model_dir):
    return None
def transform_fn(model, content, content_type, accept):
    return flask.Response(f"{content_type}: {content}", 400, content_type="text/plain")
"""


def client(opt_ml: Path, monkeypatch: pytest.MonkeyPatch, image: str = XGBOOST) -> FlaskClient:
    monkeypatch.setenv("OPT_ML", str(opt_ml))
    app: Any = application(image)
    assert isinstance(app, flask.Flask)
    return app.test_client()


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The image's algorithm with a model."""
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": csv(sample(80, seed=1))}, CSV)
    train(opt_ml)
    return client(opt_ml, monkeypatch)


def script_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> FlaskClient:
    code = tmp_path / "model" / "code"
    code.mkdir(parents=True)
    (tmp_path / "code").mkdir()
    (tmp_path / "model" / "factor").write_text("10")
    name = tmp_path.name
    (code / f"{name}.py").write_text(source)
    monkeypatch.setenv("SAGEMAKER_PROGRAM", f"{name}.py")
    monkeypatch.setenv("SAGEMAKER_SUBMIT_DIRECTORY", "/opt/ml/model/code")
    monkeypatch.setattr("sys.path", [])
    return client(tmp_path, monkeypatch, SKLEARN)


def test_algorithm_answers_as_in_batch_transform(trained: FlaskClient, tmp_path: Path) -> None:
    expected = Model(tmp_path / "ml" / "model").invoke(ROWS, CSV)
    answer = trained.post("/invocations", data=ROWS, content_type=CSV)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, CSV, expected)
    assert trained.get("/ping").status_code == 200


def test_algorithm_answers_with_json_if_asked(trained: FlaskClient, tmp_path: Path) -> None:
    expected = [float(line) for line in Model(tmp_path / "ml" / "model").invoke(ROWS, CSV).split()]
    answer = trained.post("/invocations", data=ROWS, content_type=CSV, headers={"Accept": JSON})
    assert answer.json == {"predictions": [{"score": score} for score in expected]}


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status"),
    [
        (b"", CSV, "*/*", 204),
        (b"a,b", CSV, "*/*", 415),
        (b"1", "image/png", "*/*", 415),
        (ROWS, CSV, "image/png", 406),
        (ROWS, CSV, "application/jsonlines", 406),
        (b"1" * (6 * 1024**2 + 1), CSV, "*/*", 413),
    ],
)
def test_status_of_algorithm_is_that_of_the_image(
    trained: FlaskClient, body: bytes, content_type: str, accept: str, status: int
) -> None:
    answer = trained.post(
        "/invocations", data=body, content_type=content_type, headers={"Accept": accept}
    )
    assert answer.status_code == status


def test_algorithm_answers_with_selected_values(
    trained: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_INFERENCE_OUTPUT", "predicted_label,probability")
    selecting = client(tmp_path / "ml", monkeypatch)
    answer = selecting.post("/invocations", data=ROWS, content_type=CSV, headers={"Accept": JSON})
    assert [list(row) for row in answer.get_json()["predictions"]] == [
        ["predicted_label", "probability"]
    ] * 5


def test_folder_without_a_model_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(UserError):
        client(tmp_path, monkeypatch)


def test_script_answers_with_its_functions_and_the_images_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = script_client(tmp_path, monkeypatch, SCRIPT)
    answer = script.post("/invocations", data=b"1,2\n3,4\n", content_type=CSV)
    assert (answer.status_code, answer.mimetype) == (200, JSON)
    assert json.loads(answer.data) == [[10.0, 20.0], [30.0, 40.0]]


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status"),
    [
        (b"1", "image/png", CSV, 415),
        (b"1", CSV, "image/png", 406),
        (b"1,2\n3\n", CSV, CSV, 500),
    ],
)
def test_status_of_a_script_is_that_of_the_toolkit(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: bytes,
    content_type: str,
    accept: str,
    status: int,
) -> None:
    script = script_client(tmp_path, monkeypatch, SCRIPT)
    answer = script.post(
        "/invocations", data=body, content_type=content_type, headers={"Accept": accept}
    )
    assert answer.status_code == status


def test_response_of_a_script_keeps_its_status_and_content_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = script_client(tmp_path, monkeypatch, TRANSFORM)
    answer = script.post("/invocations", data=b"1", content_type=CSV)
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert answer.text == "text/csv: 1"


def test_script_without_model_fn_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ScriptError, match="model_fn"):
        script_client(tmp_path, monkeypatch, "import flask")
