"""Batch Transform: cut files into requests, join the answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from local_runner.algorithms.xgboost.older_images import IMAGE_VERSION
from local_runner.algorithms.xgboost.serve import Model

MULTI_RECORD = "MultiRecord"
SINGLE_RECORD = "SingleRecord"


def transform(
    opt_ml: Path,
    content_type: str,
    batch_strategy: str,
    max_payload_mb: int,
    selected: str | None = None,
    image_version: str = IMAGE_VERSION,
) -> None:
    """Score every file below ``input/data`` into ``output/data/<name>.out``, line by line.

    selected: the values of each row in the answers, comma-separated; by default the prediction.
    """
    model = Model(opt_ml / "model", selected, image_version)
    source, target = opt_ml / "input" / "data", opt_ml / "output" / "data"
    max_bytes = 1 if batch_strategy == SINGLE_RECORD else max_payload_mb * 1024**2
    files = sorted(path for path in source.rglob("*") if path.is_file())
    for number, path in enumerate(files, start=1):
        output = target / f"{path.relative_to(source)}.out"
        output.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as rows, output.open("wb") as answers:
            for body in requests(rows, max_bytes):
                answers.write(model.invoke(body, content_type))
        print(f"scored {number} of {len(files)} files", flush=True)


def requests(lines: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    r"""Yield a file's lines in bodies of at most ``max_bytes``, but at least one line each.

    >>> import io
    >>> list(requests(io.BytesIO(b"aa\nbb\ncc\n"), 6))
    [b'aa\nbb\n', b'cc\n']
    """
    body: list[bytes] = []
    size = 0
    for line in lines:
        if body and size + len(line) > max_bytes:
            yield b"".join(body)
            body, size = [], 0
        body.append(line)
        size += len(line)
    if body:
        yield b"".join(body)
