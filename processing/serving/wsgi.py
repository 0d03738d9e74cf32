"""The application of the model package in ``/opt/ml/model``, which is loaded on import.

A server starts it by the name ``processing.serving.wsgi:application``, in each of its workers.
"""

from __future__ import annotations

import os
from pathlib import Path

from processing.serving.application import Application
from processing.serving.package import load

# OPT_ML is set where containers run as processes of the host.
application = Application(load(Path(os.environ.get("OPT_ML", "/opt/ml")) / "model", os.environ))
