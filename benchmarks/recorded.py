"""Write down what a script measured, for the book to show: see ``zslib/results/records.py`` for what a row may say."""

import datetime
import os
import platform
import re
from pathlib import Path

from zslib.core import device, store


def write(path: Path, measured: str, rows: list[dict]) -> None:
    """Write rows with what was measured, when, on what processor and with which versions; no name of a machine."""
    said = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    name = (re.findall("model name.*: (.*)", said) or [platform.machine()])[0]
    about = {
        "measured": measured,
        "processor": f"{name}, {os.cpu_count()} cores",
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        **device.versions(),
    }
    store.write_json(path, {"about": about, "rows": rows})
