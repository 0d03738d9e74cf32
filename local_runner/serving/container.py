"""What a container answers with, by its environment, as in AWS's images.

SAGEMAKER_SERVING_MODULE   a WSGI application of the model archive, ``module:name``
SAGEMAKER_PROGRAM          the functions of a script (script mode)
neither                    the image's own algorithm
"""

from __future__ import annotations

import os
from pathlib import Path

import flask
from gunicorn.util import import_app

from local_runner.algorithms.invocation import Answer, Respond
from local_runner.platform.images import image_name, image_version
from local_runner.serving.gateway import Wsgi
from local_runner.serving.server import MODULE, PROGRAM

_DEFAULT_CONTENT_TYPE = "application/json"


def application(image: str) -> Wsgi:
    """Load the model of ``/opt/ml/model`` and return what serves it."""
    if module := os.environ.get(MODULE):
        found: Wsgi = import_app(module)
        return found
    opt_ml = Path(os.environ["OPT_ML"])
    script = os.environ.get(PROGRAM)
    return _application(_script(opt_ml, image) if script else _algorithm(opt_ml, image))


def _application(respond: Respond) -> Wsgi:
    app = flask.Flask(__name__, static_folder=None)

    @app.get("/ping")
    def ping() -> str:
        return ""

    @app.post("/invocations")
    def invocations() -> flask.Response:
        headers = flask.request.headers
        body = flask.request.get_data()
        answer = respond(body, headers.get("Content-Type", ""), headers.get("Accept", ""))
        return flask.Response(answer.body, answer.status, content_type=answer.content_type)

    return app


def _script(opt_ml: Path, image: str) -> Respond:
    from local_runner.algorithms.script_mode.serving import ScriptError, load_script

    script = load_script(opt_ml, image_name(image))

    def respond(body: bytes, content_type: str, accept: str) -> Answer:
        try:
            return script.respond(body, content_type or _DEFAULT_CONTENT_TYPE, accept)
        except ScriptError as error:
            return Answer(str(error).encode(), status=error.status)

    return respond


def _algorithm(opt_ml: Path, image: str) -> Respond:
    from local_runner.algorithms.xgboost.lean_import import without_optional_packages

    with without_optional_packages():
        from local_runner.serving.algorithm import load_algorithm

    return load_algorithm(opt_ml, image_version(image))
