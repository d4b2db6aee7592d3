"""A toy wheel that a local package index serves."""

import hashlib
import io
import zipfile

from zslib.datasets.card import Wheel


def make_wheel(folder, *, body=b"1,2,3\n", extra=None):
    """Write toydata-1.0 with one data file, and return its description."""
    files = {
        "toydata/data.csv": body,
        "toydata-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: toydata\nVersion: 1.0\n",
        "toydata-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "toydata-1.0.dist-info/RECORD": b"",
    } | (extra or {})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    folder.mkdir(exist_ok=True)
    (folder / "toydata-1.0-py3-none-any.whl").write_bytes(buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    return Wheel("toydata", "1.0", digest, len(buffer.getvalue()), ("toydata/data.csv",))
