"""Serve an emulated AWS on this machine until Ctrl-C: ``python -m emulator --port 4599``."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import tempfile
import threading
from pathlib import Path

from emulator.clients import ACCOUNT, INTERFERING, Place, environment

_INSTRUCTIONS = """\
# An emulated AWS is running on {endpoint}. Ctrl-C ends it and deletes everything in it.
# In another terminal:

cd {folder}
unset {interfering}
{exports}

# Then, for example:

make bootstrap
make deploy ENVIRONMENT={environment}
.venv/bin/sentiment start --environment {environment} --dataset demo --wait
.venv/bin/sentiment report --environment {environment}
.venv/bin/sentiment clean --environment {environment} --all-versions --yes
make destroy ENVIRONMENT={environment}
"""


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) chooses a free port")
    parser.add_argument(
        "--region",
        help="region of the printed variables; every region is served [default: that of the "
        "environment in cdk.json]",
    )
    options = parser.parse_args()
    _ignore_aws_settings()
    from emulator.server import Server  # modules of moto read AWS's settings when imported

    name, place = instructed_environment()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), options.port) as server:
        variables = environment(
            server.endpoint, Place(options.region or place.region, place.account)
        )
        instructions = _INSTRUCTIONS.format(
            endpoint=server.endpoint,
            folder=shlex.quote(str(Path.cwd())),
            interfering=" ".join(INTERFERING),
            exports="\n".join(f"export {key}={value}" for key, value in variables.items()),
            environment=name,
        )
        print(instructions, flush=True)
        stopped.wait()
    print("stopped", file=sys.stderr, flush=True)
    os._exit(0)  # Freeing moto's objects one by one takes most of a second.


def _ignore_aws_settings() -> None:
    """Remove this user's AWS settings from the process: a missing profile fails every client."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def instructed_environment() -> tuple[str, Place]:
    """Return the name and place of the environment in the instructions: dev, else the first."""
    try:
        cdk_json = json.loads(Path("cdk.json").read_text(encoding="utf-8"))
        found = cdk_json["context"]["environments"]
        name = "dev" if "dev" in found else min(found)
        return name, Place(found[name]["region"], found[name].get("account", ACCOUNT))
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ):  # `make deploy` says what is wrong
        return "dev", Place("us-east-1")


if __name__ == "__main__":
    main()
