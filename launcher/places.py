"""Paths of a checkout: data, logs, secrets, the Python that runs the launcher."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# data, logs and generated secrets; a second system on one checkout needs a folder of its own
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
LOGS = VAR / "log"
RUN = VAR / "run"
LOCAL_ENV = VAR / "local.env"
# not a name on PATH: the launcher works without the virtual environment activated
PYTHON = sys.executable
SCRIPTS = Path(sys.executable).parent
