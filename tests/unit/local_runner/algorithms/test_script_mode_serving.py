"""Functions of scripts and the images' defaults; expected answers are those of AWS's own code."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from local_runner.algorithms.script_mode.serving import DEFAULTS, Script, ScriptError

SKLEARN, XGBOOST = "sagemaker-scikit-learn", "sagemaker-xgboost"
CSV, JSON, NPY, LIBSVM = "text/csv", "application/json", "application/x-npy", "text/libsvm"

MODEL = """
import numpy as np
class Model:
    def predict(self, data, validate_features=True):
        if hasattr(data, "num_row"):
            return np.arange(data.num_row(), dtype="float32") + 10 * data.num_col()
        return data.sum(axis=1)
def model_fn(model_dir):
    return Model()
"""


def npy(values: list[Any]) -> bytes:
    content = io.BytesIO()
    np.save(content, values)
    return content.getvalue()


def script(source: str, image: str = SKLEARN, model: str = MODEL) -> Script:
    module = ModuleType("inference")
    module.__file__ = "/opt/ml/code/inference.py"
    exec(model + source, module.__dict__)
    return Script(module, DEFAULTS[image](), Path("/opt/ml/model"))


def failure(source: str, *request: str, image: str = SKLEARN) -> str:
    body, *types = request
    with pytest.raises(ScriptError) as failed:
        script(source, image).answer(body.encode(), *types)
    return str(failed.value)


ANSWERS = {
    "csv": (b"1,2\n3,4\n", CSV, CSV, b"3.0\n7.0\n"),
    "csv-without-end": (b"1,2\n3,4", CSV, CSV, b"3.0\n7.0\n"),
    "csv-of-windows": (b"1,2\r\n3,4\r\n", CSV, CSV, b"3.0\n7.0\n"),
    "quoted": (b'"1","2"\n3,4', CSV, CSV, b"3.0\n7.0\n"),
    "json-by-default": (b"1,2\n3,4\n", CSV, "", b"[3.0, 7.0]"),
    "any": (b"1,2\n3,4\n", CSV, "*/*", b"[3.0, 7.0]"),
    "json": (b"[[1, 2], [3, 4]]", JSON, CSV, b"3.0\n7.0\n"),
    "npy": (npy([[1.0, 2.0]]), NPY, NPY, npy([3.0])),
}


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "expected"), ANSWERS.values(), ids=ANSWERS
)
def test_scikit_learn_defaults_decode_predict_and_encode(
    body: bytes, content_type: str, accept: str, expected: bytes
) -> None:
    assert script("").answer(body, content_type, accept) == expected


XGBOOST_ANSWERS = {
    "csv": (b"1,2\n3,4", CSV, b"20.0\n21.0\n"),
    "parameters": (b"1,2\n3,4", "text/csv; charset=utf-8", b"20.0\n21.0\n"),
    "delimiter": (b"1;2;3\n3;4;5", CSV, b"30.0\n31.0\n"),
    "empty-cell": (b"1,,3\n4,5,6", CSV, b"30.0\n31.0\n"),
    "libsvm": (b"1 0:1 3:2\n0 1:1\n", LIBSVM, b"40.0\n41.0\n"),
    "x-libsvm": (b"1 1:1 3:2\n0 1:1\n", "text/x-libsvm", b"40.0\n41.0\n"),
}


@pytest.mark.filterwarnings("ignore::UserWarning:xgboost")
@pytest.mark.parametrize(
    ("body", "content_type", "expected"), XGBOOST_ANSWERS.values(), ids=XGBOOST_ANSWERS
)
def test_xgboost_defaults_give_the_model_a_matrix(
    body: bytes, content_type: str, expected: bytes
) -> None:
    assert script("", XGBOOST).answer(body, content_type, CSV) == expected


FAILURES = {
    "one-row": (SKLEARN, "1,2\n", CSV, CSV, "predict_fn"),
    "ragged": (SKLEARN, "1,2\n3\n", CSV, CSV, "input_fn"),
    "text": (SKLEARN, "a,2\n3,4\n", CSV, CSV, "input_fn"),
    "content-type": (SKLEARN, "1,2\n3,4\n", "text/csv; charset=utf-8", CSV, "input_fn"),
    "accept": (SKLEARN, "1,2\n3,4\n", CSV, "text/plain", "output_fn"),
    "line-break-at-the-end": (XGBOOST, "1,2\n3,4\n", CSV, CSV, "input_fn"),
    "json": (XGBOOST, "[[1, 2]]", JSON, CSV, "input_fn"),
}


@pytest.mark.parametrize(
    ("image", "body", "content_type", "accept", "function"), FAILURES.values(), ids=FAILURES
)
def test_request_that_the_defaults_cannot_answer_names_the_function_to_define(
    image: str, body: str, content_type: str, accept: str, function: str
) -> None:
    message = failure("", body, content_type, accept, image=image)
    assert message.startswith(f"inference.py: the image's default {function} failed")


RESULTS = {
    "text": ("'é'", "é".encode()),
    "bytes": ("b'x'", b"x"),
    "pair": ("('[1]', accept)", b"[1]"),
    "object": ("{'b': prediction.tolist(), 'a': 1}", b'{"a":1,"b":[3.0,7.0]}\n'),
    "list": ("[1, 2.5, None]", b"[1,2.5,null]\n"),
}


@pytest.mark.parametrize(("result", "expected"), RESULTS.values(), ids=RESULTS)
def test_output_fn_returns_the_body_in_any_form_that_the_image_takes(
    result: str, expected: bytes
) -> None:
    source = f"def output_fn(prediction, accept): return {result}"
    assert script(source).answer(b"1,2\n3,4", CSV) == expected


@pytest.mark.parametrize("result", ["prediction", "None", "5", "({}, accept)"])
def test_output_fn_that_returns_something_else_is_named(result: str) -> None:
    source = f"def output_fn(prediction, accept): return {result}"
    assert failure(source, "1,2\n3,4", CSV).startswith("inference.py: output_fn must return text")


def test_flask_response_is_the_answer_unless_its_status_is_an_error() -> None:
    source = "import flask\ndef output_fn(prediction, accept): return flask.Response('a', {})"
    assert script(source.format(200)).answer(b"1,2\n3,4", CSV) == b"a"
    message = failure(source.format(400), "1,2\n3,4", CSV)
    assert message == "inference.py: output_fn: 400: a"


def test_functions_of_the_script_get_what_the_image_gives_them() -> None:
    source = """
def input_fn(content, content_type): return [type(content).__name__, content_type]
def predict_fn(data, model): return [*data, type(model).__name__]
def output_fn(prediction, accept): return ",".join([*prediction, accept])
"""
    given = script(source)
    assert given.answer(b"1", CSV) == b"str,text/csv,Model,application/json"
    assert given.answer(b"1", LIBSVM, CSV) == b"bytes,text/libsvm,Model,text/csv"


def test_transform_fn_answers_alone() -> None:
    source = """
import json
def transform_fn(model, content, content_type, accept):
    return json.dumps([type(model).__name__, content, content_type, accept]), accept
"""
    assert json.loads(script(source).answer(b"1", CSV, CSV)) == ["Model", "1", CSV, CSV]


def test_default_type_of_answers_is_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", CSV)
    assert script("").answer(b"1,2\n3,4", CSV) == b"3.0\n7.0\n"


@pytest.mark.parametrize("end", ["raise KeyError('column')", "import sys; sys.exit(0)"])
def test_function_that_fails_is_named_and_its_traceback_printed(
    end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = failure(f"def predict_fn(data, model): {end}", "1,2\n3,4", CSV)
    assert message.startswith("inference.py: predict_fn: ")
    printed = capsys.readouterr().err
    assert "in predict_fn" in printed
    assert "serving.py" not in printed


def test_model_fn_that_fails_is_named() -> None:
    with pytest.raises(ScriptError, match=r"^inference\.py: model_fn: OSError: /opt/ml/model$"):
        script("def model_fn(model_dir): raise OSError(model_dir)")


@pytest.mark.parametrize(
    ("model", "source", "named"),
    [
        ("", "", "model_fn"),
        (MODEL, "def transform_fn(*_): pass\ndef output_fn(*_): pass", "output_fn"),
    ],
    ids=["no-model_fn", "transform_fn-and-output_fn"],
)
def test_functions_that_do_not_suffice_are_refused(model: str, source: str, named: str) -> None:
    with pytest.raises(ScriptError, match=named):
        script(source, model=model)
