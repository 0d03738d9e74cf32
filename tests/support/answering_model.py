"""A model that answers with prepared predictions of text, without a model file."""

from __future__ import annotations

from typing import Any

APPLICATION = """
import json, os
import flask

app = flask.Flask(__name__)
PREDICTION = json.loads(os.environ["PREDICTION"])

@app.get("/ping")
def ping():
    return ""

@app.post("/invocations")
def invocations():
    request = flask.request.get_json()
    [instance] = request["instances"]
    if "refused" in instance["text"]:
        return {"error": "the review can't be scored: " + instance["text"]}, 400
    if "unusable" in instance["text"]:
        prediction = {"label": None, "probability": None, "error": "its text is empty"}
    else:
        prediction = PREDICTION if request["explain"] else {}
    version = os.environ["SENTIMENT_MODEL_VERSION"]
    return {"predictions": [prediction], "model_version": version}
"""
"""Answers with the prediction in the variable PREDICTION; "refused" and "unusable" are errors."""

PREDICTION: dict[str, Any] = {
    "absent_words": 0.25,
    "base_value": 0.0,
    "ignored_words": [{"reason": "stop word", "word": "a"}],
    "label": "pos",
    "log_odds": 1.5,
    "probability": 0.8175744761936437,
    "words": [
        {"contribution": 1.5, "word": "very good"},
        {"contribution": -0.5, "word": "boring"},
        {"contribution": 0.25, "word": "good"},
        {"contribution": 0.0001, "word": "it"},
    ],
}
