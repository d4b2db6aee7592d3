"""Kernels and steps that are copies of a loaded process are like any other."""

import json
import os
import socket
import subprocess
import sys
import time

import nbformat
import pytest

from zslib.workflow import ask, pages, warm

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux copies a process so"),
]


@pytest.fixture(scope="module")
def environment():
    with warm.server(threads=1) as found:
        ask.copy([ask.STEPS], os.environ | found, None, 120)[0].close()  # when it answers, all is loaded
        yield found


@pytest.fixture
def inside(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


def template(folder, *sources: str):
    cells = [nbformat.v4.new_code_cell("", metadata={"tags": ["parameters"]})]
    notebook = nbformat.v4.new_notebook(cells=cells + [nbformat.v4.new_code_cell(s) for s in sources])
    path = folder / "template.ipynb"
    nbformat.write(notebook, path)
    return path


def run(folder, *sources: str) -> str:
    pages.execute(template(folder, *sources), {}, folder / "page.ipynb")
    page = nbformat.read(folder / "page.ipynb", as_version=4)
    return "".join(
        o.text for cell in page.cells if cell.cell_type == "code" for o in cell.outputs if "text" in o
    )


LOADED = "import sys; print('torch' in sys.modules)"


def test_modules_are_there_before_the_first_cell(inside, tmp_path):
    assert run(tmp_path, LOADED) == "True\n"


def test_without_a_server_a_kernel_starts_as_always(inside, tmp_path, monkeypatch):
    monkeypatch.setenv(ask.SOCKET, str(tmp_path / "nobody"))
    assert run(tmp_path, LOADED) == "False\n"


def test_what_one_kernel_does_another_does_not_see(inside, tmp_path):
    run(tmp_path, "import zslib; zslib.left_behind = 1")
    assert run(tmp_path, "import zslib; print(hasattr(zslib, 'left_behind'))") == "False\n"


def test_figures_are_drawn_and_threads_kept(inside, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    sources = (
        "import matplotlib.pyplot as plt; plt.plot([1, 2]);",
        "import torch; print(torch.get_num_threads())",
    )
    assert run(tmp_path, *sources) == "1\n"
    page = nbformat.read(tmp_path / "page.ipynb", as_version=4)
    assert any("image/png" in o.get("data", {}) for cell in page.cells for o in cell.get("outputs", []))


def test_a_dead_kernel_is_noticed(inside, tmp_path):
    with pytest.raises(pages.CellFailed, match="the process died"):
        run(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")


def test_a_kernel_ends_with_the_one_that_asked_for_it(inside, tmp_path):
    told = tmp_path / "pid"
    path = template(
        tmp_path, f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    )
    asker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from zslib.workflow import pages; pages.execute({str(path)!r}, {{}}, {str(tmp_path / 'p')!r})",
        ]
    )
    deadline = time.monotonic() + 60
    while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
        time.sleep(0.1)
    asker.kill()
    asker.wait()
    assert _ended(int(told.read_text()))


def test_a_server_ends_with_its_kernels_asked_or_not(tmp_path):
    with warm.server(threads=1) as environment:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", str(tmp_path / "connection.json")]
        kernel = warm.Copy(command, env=os.environ | environment, cwd=str(tmp_path))
        assert kernel.poll() is None
    assert _ended(kernel.pid)
    assert kernel.poll() is not None


def _ended(pid: int, within: float = 20) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_server_ends_with_the_run_that_started_it_even_while_loading():
    code = "import os, signal, time\nfrom zslib.workflow import ask, warm\nwith warm.server(1) as e:\n    print(e[ask.SOCKET], flush=True)\n    time.sleep(60)"
    run_ = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    address = run_.stdout.readline().strip()
    assert _answers(address)
    run_.kill()
    run_.wait()
    until = time.monotonic() + 60
    while _answers(address) and time.monotonic() < until:
        time.sleep(0.2)
    assert not _answers(address)


def _answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(address) == 0


def step(*arguments: str, env: dict[str, str], watch: bool = False):
    options = ["-X", "importtime"] if watch else []
    command = [sys.executable, *options, "-m", ask.__name__, *arguments]
    return subprocess.run(command, env=os.environ | env, capture_output=True, text=True, check=False)


def learning(folder) -> tuple[str, str]:
    settings = {"results": str(folder), "datasets": [], "device": "cpu", "settings": {"corpus": []}}
    return "learn", json.dumps(settings)


def test_a_step_runs_in_a_copy_and_imports_nothing_itself(environment, tmp_path):
    done = step(*learning(tmp_path), env=environment, watch=True)
    assert done.returncode == 0, done.stderr
    assert "nothing to train" in done.stdout
    assert (tmp_path / "learning.parquet").exists()
    assert "numpy" not in done.stderr


def test_without_a_server_a_step_runs_as_always(tmp_path):
    done = step(*learning(tmp_path), env={ask.SOCKET: str(tmp_path / "nobody")}, watch=True)
    assert done.returncode == 0, done.stderr
    assert "nothing to train" in done.stdout
    assert "numpy" in done.stderr


@pytest.mark.parametrize("served", [True, False])
def test_a_step_that_fails_says_why_and_fails(environment, served):
    done = step("learn", "{}", env=environment if served else {ask.SOCKET: "nobody"})
    assert done.returncode == 1
    assert "missing 4 required positional arguments" in done.stderr


@pytest.mark.parametrize("served", [True, False])
def test_a_fault_of_a_users_file_is_said_in_a_line(environment, served, tmp_path):
    asked = {"results": str(tmp_path), "dataset": "mine", "spec": str(tmp_path / "mine.py"), "n_cells": None}
    done = step(
        "prepare", json.dumps(asked), env=environment if served else {ask.SOCKET: str(tmp_path / "nobody")}
    )
    assert done.returncode == 1
    assert "There is no file" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_step_ends_with_the_one_that_asked_for_it(environment, tmp_path):
    longer_than_that = "composition", json.dumps({"results": str(tmp_path), "settings": {}})
    connection, pid = ask.copy([ask.STEPS, *longer_than_that], os.environ | environment, None, 60)
    connection.close()
    assert _ended(pid, within=5)
