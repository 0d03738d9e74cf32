"""The schema of model cards of model packages, as far as this project's cards use it.

By the documentation of ModelPackageModelCard and the shapes of the SageMaker SDK: the properties of
each object, and the lengths of texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

TEXT, NOTE, NAME, GROUP = 2_048, 1_024, 255, 63
NUMBER = (int, float)

# A length: a text of at most that many characters. A list: its items. "*": any key.
METRIC = {"name": NAME, "notes": NOTE, "type": NAME, "value": object}
METRIC |= {"x_axis_name": [NOTE], "y_axis_name": [NOTE]}
SCHEMA: Mapping[str, Any] = {
    "model_overview": {"model_creator": NOTE, "model_artifact": [NOTE]},
    "intended_uses": {
        "purpose_of_model": TEXT,
        "intended_uses": TEXT,
        "factors_affecting_model_efficiency": TEXT,
        "risk_rating": ("High", "Medium", "Low", "Unknown"),
        "explanations_for_risk_rating": TEXT,
    },
    "training_details": {
        "training_observations": NOTE,
        "training_job_details": {
            "training_datasets": [NOTE],
            "training_environment": {"container_image": [NOTE]},
            "user_provided_hyper_parameters": [{"name": NAME, "value": NAME}],
        },
    },
    "evaluation_details": [
        {
            "name": GROUP,
            "evaluation_observation": 2_096,
            "datasets": [NOTE],
            "metric_groups": [{"name": GROUP, "metric_data": [METRIC]}],
        }
    ],
    "additional_information": {
        "ethical_considerations": TEXT,
        "caveats_and_recommendations": TEXT,
        "custom_details": {"*": 4_096},
    },
}
_VALUES: Mapping[str, Any] = {
    "number": lambda value: isinstance(value, NUMBER),
    "matrix": lambda value: all(isinstance(item, NUMBER) for row in value for item in row),
}


def problems(card: Any) -> list[str]:
    """Return what of a card's content the schema doesn't allow."""
    return [*_problems(card, SCHEMA, "card")]


def _problems(value: Any, schema: Any, where: str) -> Iterator[str]:
    if isinstance(schema, int):
        least = where.endswith(".name")
        if not isinstance(value, str) or not least <= len(value) <= schema:
            yield f"{where} isn't a text of at most {schema} characters"
    elif isinstance(schema, tuple):
        if value not in schema:
            yield f"{where} isn't one of {schema}"
    elif isinstance(schema, list):
        for item in value:
            yield from _problems(item, schema[0], f"{where}[]")
    elif isinstance(schema, Mapping):
        if schema is METRIC and not _VALUES[value["type"]](value["value"]):
            yield f"{where}.value isn't a {value['type']}"
        for key, item in value.items():
            if key not in schema and "*" not in schema:
                yield f"{where} has no property {key}"
            else:
                yield from _problems(item, schema.get(key, schema.get("*")), f"{where}.{key}")
