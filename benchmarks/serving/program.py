"""Answer requests with the package in ``OPT_ML``, and print the CPU seconds of each kind as JSON.

Runs with the package's own code: ``python program.py REVIEWS``, where PYTHONPATH names the code in
the package and REVIEWS is a file with a JSON list of texts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from processing.serving.wsgi import application

_HANDLER = application.handler
_TOGETHER = 100
_ALONE = 2_000


def main(reviews: Path) -> None:
    """Measure; requests with single reviews come first, when most words are new."""
    texts = json.loads(reviews.read_text(encoding="utf-8"))
    started = time.process_time()
    alone = [json.dumps(text) for text in texts[:_ALONE]]
    together = [
        json.dumps(texts[start : start + _TOGETHER]) for start in range(0, len(texts), _TOGETHER)
    ]
    explained = [json.dumps({"text": text, "explain": True}) for text in texts[: _ALONE // 10]]
    measured = {"start": [started]}
    for name, bodies in (("alone", alone), ("together", together), ("explained", explained)):
        measured[name] = list(_cpu_seconds(bodies))
    json.dump(measured, sys.stdout)


def _cpu_seconds(bodies: Iterable[str]) -> Iterable[float]:
    for body in bodies:
        data = body.encode()
        before = time.process_time()
        answer = _HANDLER.answer(data, "application/json")
        yield time.process_time() - before
        if answer.status != 200:
            raise SystemExit(answer.body.decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
