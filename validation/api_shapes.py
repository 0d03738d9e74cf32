"""Write the shapes of the calls that steps make, from botocore's model of the SageMaker API.

``python -m validation.api_shapes`` writes local_runner/definition/api_shapes.json, with which the
local runner, which doesn't need botocore, checks the arguments and properties of steps.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local_runner.definition.requests import CALLS, DESCRIPTIONS, SHAPES
from validation.service import input_of, output_of


def main() -> None:
    """Write the file."""
    SHAPES.write_text(document(), encoding="utf-8")
    print(Path(SHAPES).name)


def document() -> str:
    """Return the content of the file: a line for each structure and its members' types.

    The type of a list is an array with its items' type, that of a map an object with the values'
    type, that of a structure its name.
    """
    structures: dict[str, Any] = {}
    for call in CALLS.values():
        structures[call] = _members(input_of(call), structures)
    for call in DESCRIPTIONS.values():
        structures[call] = _members(output_of(call), structures)
    lines = (f"  {json.dumps(name)}: {json.dumps(structures[name])}" for name in sorted(structures))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _members(shape: StructureShape, structures: dict[str, Any]) -> dict[str, Any]:
    return {name: _type(member, structures) for name, member in shape.members.items()}


def _type(shape: Shape, structures: dict[str, Any]) -> Any:
    if isinstance(shape, ListShape):
        return [_type(shape.member, structures)]
    if isinstance(shape, MapShape):
        return {"*": _type(shape.value, structures)}
    if not isinstance(shape, StructureShape):
        return shape.type_name
    if shape.name not in structures:
        structures[shape.name] = {}
        structures[shape.name] = _members(shape, structures)
    return shape.name


if __name__ == "__main__":
    main()
