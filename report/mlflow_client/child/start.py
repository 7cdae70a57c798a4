"""The script that the report starts: `start.py DESCRIPTOR`. Answers go to the descriptor, see `answering`."""

from __future__ import annotations

import os
import sys

_FOLDER = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - nothing else is imported yet
# Neither a module beside this script nor one of the checkout may stand in for one of Python's or of MLflow's.
_OTHERS = {_FOLDER, os.path.realpath(os.getcwd())}  # noqa: PTH109
sys.path[:] = [each for each in sys.path if each and os.path.realpath(each) not in _OTHERS]

from importlib import import_module  # noqa: E402
from importlib.util import module_from_spec, spec_from_file_location  # noqa: E402
from pathlib import Path  # noqa: E402

_NAME = "devops_mlops_report_child"


def main() -> None:
    """Load this folder as a package, without a way by which others could import its modules, and answer."""
    spec = spec_from_file_location(_NAME, Path(_FOLDER) / "__init__.py", submodule_search_locations=[_FOLDER])
    if spec is None or spec.loader is None:
        raise ImportError(_FOLDER)
    package = module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)
    # What reads standard input in MLflow or a plugin must find it empty.
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    with Path(os.devnull).open("rb") as empty:
        os.dup2(empty.fileno(), 0)
    import_module(f"{_NAME}.answering").answer_all(questions, int(sys.argv[1]))


if __name__ == "__main__":
    main()
