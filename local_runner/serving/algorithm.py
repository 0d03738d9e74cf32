"""Requests to an endpoint with the image's own algorithm.

In the image: algorithm_mode/serve.py.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from local_runner.algorithms.invocation import NO_CONTENT, Answer, Respond
from local_runner.algorithms.xgboost.channels import DEFAULT_CONTENT_TYPE
from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.older_images import IMAGE_VERSION
from local_runner.algorithms.xgboost.selected_output import CSV, JSON, VARIABLE, accepted_type
from local_runner.algorithms.xgboost.serve import Model


def load_algorithm(opt_ml: Path, image_version: str | None) -> Respond:
    """Load the model in ``/opt/ml/model`` and return what answers requests."""
    selected = os.environ.get(VARIABLE)
    is_ensemble = os.environ.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true") == "true"
    model = Model(
        opt_ml / "model", selected, image_version or IMAGE_VERSION, is_ensemble=is_ensemble
    )

    def respond(body: bytes, content_type: str, accept: str) -> Answer:
        if not body:
            return Answer(b"", status=NO_CONTENT)
        try:
            accepted = accepted_type(accept)
            scores = model.invoke(body, content_type or DEFAULT_CONTENT_TYPE, accepted)
            return Answer(scores if selected else _encoded(scores, accepted), accepted)
        except UserError as error:
            status, _, message = str(error).partition(": ")
            return Answer(message.encode(), status=int(status))

    return respond


def _encoded(scores: bytes, accepted: str) -> bytes:
    """Return predictions, one a line, in the accepted content type. Raise UserError."""
    if accepted == CSV:
        return scores
    if accepted != JSON:
        raise UserError(f"406: Accept type {accepted} is not supported for predictions alone")
    rows = [{"score": json.loads(line)} for line in scores.splitlines()]
    return json.dumps({"predictions": rows}).encode()
