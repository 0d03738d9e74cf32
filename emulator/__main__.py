"""Serve an emulated AWS on this machine until Ctrl-C: ``python -m emulator --port 4599``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from emulator.clients import environment
from emulator.server import Server

_INSTRUCTIONS = """\
# An emulated AWS is running on {endpoint}. Ctrl-C ends it and deletes everything in it.
# In another terminal:

{exports}

# Then, for example:

make bootstrap
make deploy ENVIRONMENT=dev
.venv/bin/sentiment start --dataset demo
.venv/bin/sentiment watch
.venv/bin/sentiment clean --all-versions --yes
node_modules/.bin/cdk destroy sentiment-dev
"""


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) chooses a free port")
    parser.add_argument(
        "--region",
        default="us-east-1",
        help="region of the printed variables; every region is served [default: us-east-1]",
    )
    options = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), options.port) as server:
        variables = environment(server.endpoint, options.region)
        exports = "\n".join(f"export {name}={value}" for name, value in variables.items())
        print(_INSTRUCTIONS.format(endpoint=server.endpoint, exports=exports), flush=True)
        stopped.wait()
    print("stopped", file=sys.stderr, flush=True)
    os._exit(0)  # Freeing moto's objects one by one takes most of a second.


if __name__ == "__main__":
    main()
