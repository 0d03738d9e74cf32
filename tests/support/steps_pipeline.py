"""A pipeline of three steps with the project's dataset parameter, whose jobs take no time.

Load writes the name of the dataset, Fit reads it and appends Depth, Check appends Limit to that.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.runner_samples import document, output_of, parameter, processing

_CACHED = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}
_IN, _OUT = "/opt/ml/processing/input/in", "/opt/ml/processing/output/out"
_PARTS = [{"Get": "Parameters.CodeUri"}, {"Get": "Parameters.CodeFile"}]
_CODE_INPUT = {"code": {"Std:Join": {"On": "/", "Values": _PARTS}}}
_CODE = """
import pathlib, sys
source, target, *words = sys.argv[1:]
before = [path.read_text() for path in sorted(pathlib.Path(source).glob("*"))]
if "fail" in words:
    print("reading", words[0], "\\n".join(f"line {number}" for number in range(30)))
    sys.exit("error: no words")
pathlib.Path(target, "words").write_text(" ".join([*before, *words]))
"""


def steps_pipeline(root: Path, *, code: bool = False) -> Path:
    """Write the definition and return its path. code: whether the steps read the project's code."""
    steps = []
    for name, read, word in (
        ("Load", None, "DatasetUri"),
        ("Fit", "Load", "Depth"),
        ("Check", "Fit", "Limit"),
    ):
        steps.append(
            processing(
                name,
                _inputs(read, code=code),
                {"out": f"s3://b/{name}"},
                ("-c", _CODE, _IN, _OUT, {"Get": f"Parameters.{word}"}),
                **_CACHED,
            )
        )
    parameters = (
        *((parameter("CodeUri"), parameter("CodeFile")) if code else ()),
        parameter("DatasetUri"),
        parameter("Depth", DefaultValue="5"),
        parameter("Limit", DefaultValue="1"),
    )
    path = root / "steps.json"
    path.write_text(json.dumps(document(*steps, parameters=parameters)))
    return path


def _inputs(read: str | None, *, code: bool) -> dict[str, Any]:
    return {**({"in": output_of(read, "out")} if read else {}), **(_CODE_INPUT if code else {})}
