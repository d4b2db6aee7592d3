"""Run the cells of a notebook in this process: a page then costs one start of Python and not two.

What a cell prints, shows and raises is kept in the order in which it came, as a kernel would keep it.
"""

import ast
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile

import matplotlib.pyplot as plt
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from matplotlib_inline.config import InlineBackend
from nbformat.v4 import new_output
from papermill.engines import Engine
from traitlets.config import Config

OTHERWISE = "*On the cells of this build it comes out the other way.*"
QUIET = Config(HistoryManager={"enabled": False}, InteractiveShell={"colors": "NoColor"})


class InProcess(Engine):
    """Papermill's way of running a notebook, up to the first cell that raises."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **options) -> None:
        """Run the cells; for the parameters see :class:`papermill.engines.Engine`."""
        with _shell() as shell:
            for cell in nb_man.nb.cells:
                if cell.cell_type == "code" and not (shell.run(cell) or shell.run_otherwise(cell)):
                    return


class _Results(DisplayHook):
    """Keeps the value of a cell's last line."""

    def write_output_prompt(self):
        """There is none on a page."""

    def write_format_data(self, format_dict, md_dict=None):
        count = self.prompt_count
        self.shell.keep("execute_result", data=format_dict, metadata=md_dict or {}, execution_count=count)

    def finish_displayhook(self):
        """Nothing is held back."""


class _Displays(DisplayPublisher):
    """Keeps what a cell shows before that."""

    def publish(self, data, metadata=None, *, transient=None, update=False, **_):
        name = (transient or {}).get("display_id")
        if update and name in self.shell.displays:
            self.shell.displays[name].update(data=data, metadata=metadata or {})
        else:
            shown = self.shell.keep("display_data", data=data, metadata=metadata or {})
            self.shell.displays[name] = shown

    def clear_output(self, wait=False):
        self.shell.outputs.clear()


class _Stream(io.TextIOBase):
    """Keeps what a cell prints."""

    def __init__(self, shell, name: str):
        self.shell, self.name = shell, name

    def write(self, text: str) -> int:
        since = takewhile(lambda output: output.output_type == "stream", reversed(self.shell.outputs))
        last = next((output for output in since if output.name == self.name), None)
        last = last or self.shell.keep("stream", name=self.name, text="")
        last.text += text
        return len(text)


class _Shell(InteractiveShell):
    """IPython, with a list where a terminal would be."""

    def __init__(self, **settings):
        self.outputs, self.displays = [], {}
        super().__init__(config=QUIET, displayhook_class=_Results, display_pub_class=_Displays, **settings)

    def keep(self, kind: str, **content):
        """Add to the outputs of the cell that runs."""
        self.outputs.append(new_output(kind, **content))
        return self.outputs[-1]

    def run(self, cell, source: str | None = None) -> bool:
        """Run a cell, or another source in its place; whether it came to its end."""
        self.outputs = cell.outputs = []
        cell.execution_count = self.execution_count
        self.error = (done := self.run_cell(source or cell.source, store_history=True)).error_in_exec
        if isinstance(self.error, KeyboardInterrupt):
            raise self.error
        return done.success

    def run_otherwise(self, cell) -> bool:
        """Run a solution that asserted what these cells do not show once more, without its assertions; whether it could."""
        if "solution" not in cell.metadata.get("tags", ()) or not isinstance(self.error, AssertionError):
            return False
        done = self.run(cell, ast.unparse(_Unasserted().visit(ast.parse(cell.source))))
        self.keep("display_data", data={"text/markdown": OTHERWISE}, metadata={})
        return done

    def _showtraceback(self, etype, evalue, stb):
        self.keep("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)

    def enable_gui(self, gui=None):
        """There is no window to wait for."""


class _Unasserted(ast.NodeTransformer):
    """Takes assertions out of code."""

    def visit_Assert(self, node):
        return ast.Pass()


@contextmanager
def _shell() -> Iterator[_Shell]:
    """A fresh shell; afterwards all that it has replaced in this process is as it was."""
    main, streams = sys.modules["__main__"], (sys.stdout, sys.stderr)
    shell = _Shell.instance()
    sys.stdout, sys.stderr = _Stream(shell, "stdout"), _Stream(shell, "stderr")
    plt.close("all")  # what was drawn before is no part of this page
    try:
        shell.enable_matplotlib("inline")
        select_figure_formats(shell, {"png"}, bbox_inches="tight")  # which that does once a process
        yield shell
    finally:
        sys.stdout, sys.stderr = streams
        _Shell.clear_instance()
        InlineBackend.clear_instance()
        sys.modules["__main__"] = main
