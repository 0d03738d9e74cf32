"""botocore's model of the SageMaker API."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel, StructureShape


def input_of(operation: str) -> StructureShape:
    """Return the shape of an operation's request."""
    shape = _service().operation_model(operation).input_shape
    assert isinstance(shape, StructureShape)
    return shape


def output_of(operation: str) -> StructureShape:
    """Return the shape of an operation's response."""
    shape = _service().operation_model(operation).output_shape
    assert isinstance(shape, StructureShape)
    return shape


@cache
def _service() -> ServiceModel:
    model: Any = botocore.session.get_session().get_service_model("sagemaker")
    service: ServiceModel = model
    return service
