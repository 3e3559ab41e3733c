"""Where things lie in a checkout."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOGS = VAR / "log"
RUN = VAR / "run"
LOCAL_ENV = VAR / "local.env"
# sys.executable, not a name on PATH: the launcher works without the virtual environment activated
PYTHON = sys.executable
SCRIPTS = Path(sys.executable).parent
