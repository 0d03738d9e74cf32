"""The machine and packages that a report was measured with."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("numpy", "scipy", "xgboost", "scikit-learn", "nltk", "beautifulsoup4", "pandas")


def facts() -> dict[str, Any]:
    """Return cores, processor, memory, Python and package versions of this machine."""
    meminfo = Path("/proc/meminfo").read_text(encoding="utf-8")
    total = re.search(r"MemTotal:\s+(\d+) kB", meminfo)
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(int(total[1]) * 1024 / 1e9, 1) if total else None,
        "packages": {name: version(name) for name in _PACKAGES},
        "processor": _processor(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def load() -> float:
    """Return the load average of the last minute."""
    return round(os.getloadavg()[0], 1)


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1].strip() if found else platform.processor() or "unknown"
