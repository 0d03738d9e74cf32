"""``make emulator``: the emulated AWS, for people and for programs that start it."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path

from emulator.clients import environment
from emulator.server import Server

_NEXT = """\
# An emulated AWS serves on {endpoint}; Ctrl-C ends it, and nothing of it stays.
# In another terminal:

{exports}

# and then, for example:

make bootstrap
make deploy ENVIRONMENT=dev
.venv/bin/sentiment start --parameter DatasetUri=s3://...    # nothing here reaches the internet
.venv/bin/sentiment watch
.venv/bin/sentiment clean --all-versions --yes
node_modules/.bin/cdk destroy sentiment-dev
"""


def main() -> None:
    """Serves until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--region", default="us-east-1")
    options = parser.parse_args()
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), options.port) as server:
        variables = environment(server.endpoint, options.region)
        exports = "\n".join(f"export {name}={value}" for name, value in variables.items())
        print(_NEXT.format(endpoint=server.endpoint, exports=exports), flush=True)
        over.wait()
    print("ended", file=sys.stderr)


if __name__ == "__main__":
    main()
