"""moto's interpreter of state machines, which parses each definition once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from moto import mock_aws
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from emulator.state_machines import parse_once


@contextmanager
def interpreting_aws() -> Iterator[None]:
    """Replace AWS by moto, in which state machines run."""
    with (
        mock_aws(config={"stepfunctions": {"execute_state_machine": True}}),
        mock.patch.object(AmazonStateLanguageParser, "parse", parse_once),
    ):
        yield
