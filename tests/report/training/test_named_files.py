"""Files that code names by literal paths: read from real files, run by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.training.model_code import named_files

CHANGED = (
    "data/rows.csv",
    "rows.csv",
    "ml/rows.csv",
    "data/deep/b.csv",
    "README.md",
    ".gitignore",
    "ml/train.py",
)


def named(root: Path, code: str, module: str = "ml/train.py", folder: str = "") -> list[str]:
    path = root / module
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code, encoding="utf-8")
    return sorted(named_files(root, ["gone.py", module], CHANGED, folder, ["churn"]))


@pytest.mark.parametrize(
    "code",
    [
        "open('data/rows.csv')",
        "open('./data//rows.csv', mode='rb')",
        "import pandas as pd\npd.read_csv(filepath_or_buffer='data/rows.csv')",
        "from pathlib import Path\nPath('data', 'rows.csv').read_text()",
        "from pathlib import Path\n(Path('data') / 'rows.csv').open()",
        "from pathlib import Path\nPath(__file__).resolve().parent.parent.joinpath('data/rows.csv')",
        "import os\nos.path.join(os.path.dirname(__file__), '..', 'data', 'rows.csv')",
        "import os\nopen(os.path.join(os.getcwd(), 'data/rows.csv'))",
        "def load():\n    return open(DATA + '/x') if 0 else [ROWS]\nDATA = 'data'\nROWS = 'data/rows.csv'",
        "FOLDER = Path('data')\nROWS = FOLDER / 'rows.csv'\nload(ROWS)",
        "parser.add_argument('--data', default='data/rows.csv')",
        "class Settings:\n    data: str = 'data/rows.csv'",
        "CONFIG = {'data': ['../churn/data/rows.csv']}",
        "glob.glob('data/*.csv')",
        "glob.glob('*/rows.csv')[0:0] or list(Path('data').glob('*.csv'))",
    ],
)
def test_a_literal_path_names_its_file(tmp_path: Path, code: str) -> None:
    assert "data/rows.csv" in named(tmp_path, code)


def test_a_glob_names_what_lies_below(tmp_path: Path) -> None:
    assert named(tmp_path, "list(Path('data').rglob('*.csv'))") == ["data/deep/b.csv", "data/rows.csv"]


@pytest.mark.parametrize(
    "code",
    [
        '"""data/rows.csv"""',
        "def load():\n    'data/rows.csv'",
        "# data/rows.csv",
        "open('data/rows.csv', 'w')",
        "Path('data/rows.csv').open(mode='ab')",
        "frame.to_csv('data/rows.csv')",
        "OUT = Path('data') / 'rows.csv'\nOUT.write_text('')",
        "OUT = 'data/rows.csv'\nwith open(OUT, 'w') as file:\n    pass",
        "plt.savefig('data/rows.csv')",
        "mlflow.log_artifact('data/rows.csv')",
        "parser.add_argument('--output', default='data/rows.csv')",
        "open('/etc/data/rows.csv')",
        "open('../data/rows.csv')",
        "re.match('.*', text)",
        "re.split('[.]', text)",
        "NAMES = ['rows', 'data', 'csv']",
        "NAME = NAME2\nNAME2 = NAME\nopen(NAME / 'x')",
        "not Python: open('data/rows.csv')",
        "'\\x00'; open('" + "('" * 500,
    ],
)
def test_what_is_written_told_or_elsewhere_is_not_named(tmp_path: Path, code: str) -> None:
    assert named(tmp_path, code) == []


@pytest.mark.parametrize(("folder", "path"), [("", "rows.csv"), ("ml", "ml/rows.csv")])
def test_a_path_starts_where_the_code_runs(tmp_path: Path, folder: str, path: str) -> None:
    assert path in named(tmp_path, "open('rows.csv')", folder=folder)
