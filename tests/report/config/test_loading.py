"""Which file is the config, which version it is, and that nothing but a `ConfigError` comes of a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from devops_mlops_report.report.config import CONFIG_NAMES, Config, load_config, parse_config
from devops_mlops_report.report.errors import ConfigError
from hypothesis import example, given, settings
from hypothesis import strategies as st

VALID = "report: {highlight_metric: f1}\n"
SECTIONS = [
    "version",
    "timezone",
    "repo_visibility",
    "storage",
    "report",
    "metrics",
    "mlflow",
    "registry",
    "project",
]
KEYS = [
    *SECTIONS,
    *[
        "gist_url",
        "path",
        "highlight_metric",
        "trend_window",
        "sharp_delta",
        "minimum_points",
        "default_branch",
    ],
    *["baseline", "min_effect", "goal", "on_regression", "tracking_uri", "model_name", "alias", "promote_if"],
    *["workdir", "train_script", "train_args", "data_paths", "system_deps"],
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [2, 3, "f1", "UTC", "America", "best", "https://gist.github.com/" + "a" * 32, "10", "nan"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5) | st.integers(), inner, max_size=5)
    ),
    max_leaves=20,
)
CONFIGS = st.dictionaries(st.sampled_from(SECTIONS), VALUES)


def write(root: Path, name: str, text: str = VALID) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_report_devops_only(tmp_path: Path) -> None:
    config = load_config(None, root=tmp_path)

    assert config == Config.defaults()
    assert config.report.highlight_metric is None
    assert config.storage.csv_path == ".devops-mlops-report/commitHistory.csv"
    assert config.registry is None
    assert config.source is None
    assert config.notices == ()


@pytest.mark.parametrize("name", CONFIG_NAMES)
def test_the_config_is_found_under_the_root(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name)

    assert load_config(None, root=tmp_path).source == path


def test_the_first_of_several_configs_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    first = write(tmp_path, "report-config.yml")
    write(tmp_path, ".github/report-config.yml")

    config = load_config(None, root=tmp_path)

    assert config.source == first
    assert config.notices == (".github/report-config.yml: not read, as there is report-config.yml",)


def test_a_named_file_is_read_wherever_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "elsewhere/ci.yml")

    assert load_config(path, root=tmp_path / "nowhere").source == path


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(Path("no/such.yml"), root=tmp_path)

    assert str(raised.value) == "no/such.yml: is not there; wanted a config in YAML, of a few lines"


def test_a_config_that_is_there_but_can_not_be_read_is_never_passed_over(tmp_path: Path) -> None:
    (tmp_path / "report-config.yml").symlink_to(tmp_path / "gone.yml")
    write(tmp_path, "report-config.yaml")

    with pytest.raises(ConfigError, match=r"^report-config\.yml: is not there"):
        load_config(None, root=tmp_path)


def test_a_file_without_a_version_is_of_todays_version() -> None:
    assert parse_config(VALID) == parse_config("version: 3\n" + VALID)


def test_a_file_without_a_version_is_of_version_2_when_a_key_says_so() -> None:
    storage = f"storage: {{gist_url: https://gist.github.com/{'a' * 32}}}\n"

    assert parse_config("repo_visibility: public\n" + VALID + storage).report.highlight_metric == "f1"


def test_sections_and_keys_without_a_value_are_as_good_as_absent() -> None:
    empty = "storage:\nmlflow: {tracking_uri: }\nmetrics:\nregistry:\nproject: {workdir: , train_args: }\n"

    assert parse_config(VALID + empty) == parse_config(VALID)


def test_a_metric_without_rules_is_listed_with_the_defaults() -> None:
    assert list(parse_config(VALID + "metrics:\n  val_loss:\n").metrics) == ["val_loss"]


def test_text_is_taken_without_the_space_around_it() -> None:
    assert parse_config("report: {highlight_metric: ' f1 '}").report.highlight_metric == "f1"


def test_a_password_in_the_tracking_uri_leaves_a_notice_and_is_never_printed() -> None:
    config = parse_config(VALID + "mlflow: {tracking_uri: 'https://mona:hunter2@mlflow.example.org'}\n")

    assert config.mlflow.tracking_uri == "https://mona:hunter2@mlflow.example.org"
    assert config.mlflow.shown_uri == "https://mlflow.example.org"
    assert config.notices == (
        "report-config.yml: mlflow.tracking_uri (line 2): holds a user name or a password that "
        "everyone with the "
        "repository can read; they belong in the environment (MLFLOW_TRACKING_USERNAME, "
        "MLFLOW_TRACKING_PASSWORD)",
    )
    assert "hunter2" not in repr(config)


def comes_to_a_config_or_a_config_error(text: str) -> None:
    try:
        config = parse_config(text)
    except ConfigError as error:
        lines = str(error).split("\n")
        assert 1 <= len(lines) <= 10
        assert all(line.startswith("report-config.yml: ") and line.isprintable() for line in lines)
    else:
        config.to_settings(repository=None, branch=None, commit_sha=None, default_branch=None)
        assert config.storage.gist or config.storage.csv_path


@given(st.text())
@example("!!set {a}")
@example("!!timestamp x")
@example("!!binary '='")
@example("a: !!omap [b: 1]")
@example("%YAML 9.9\n---\na: 1")
@example("? &a [*a]\n: 1")
def test_any_text_is_a_config_or_a_config_error(text: str) -> None:
    comes_to_a_config_or_a_config_error(text)


@settings(deadline=None)
@given(CONFIGS)
def test_any_values_are_a_config_or_a_config_error(values: dict[str, object]) -> None:
    comes_to_a_config_or_a_config_error(yaml.safe_dump(values, allow_unicode=True))


@settings(deadline=None)
@given(st.sampled_from([2, 3]), st.sampled_from(SECTIONS[1:]), VALUES)
def test_one_section_of_any_value_in_a_valid_config_is_a_config_or_a_config_error(
    version: int, section: str, value: object
) -> None:
    valid = {
        "report": {"highlight_metric": "f1"},
        "storage": {"gist_url": "https://gist.github.com/" + "a" * 32},
    }

    comes_to_a_config_or_a_config_error(yaml.safe_dump({"version": version} | valid | {section: value}))


@pytest.mark.parametrize("item", ["{a: 1}", "[a]", "1e999", "true", "0xffffffffffffffffffffffff", "!!str"])
@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    "place",
    [
        "project: {{system_deps: [{}], train_args: [{}], data_paths: [{}]}}\n",
        "project: {{system_deps: {}, train_args: {}, train_script: {}}}\n",
        "report: {{highlight_metric: {}, trend_window: {}, sharp_delta: {}}}\n",
        "timezone: {}\nstorage: {}\nmlflow: {}\n",
    ],
)
def test_any_kind_of_value_in_any_key_is_a_config_or_a_config_error(
    version: int, place: str, item: str
) -> None:
    comes_to_a_config_or_a_config_error(f"version: {version}\n" + place.format(item, item, item))


@given(st.binary())
def test_any_bytes_are_a_config_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes.yml"
    path.write_bytes(content)

    try:
        load_config(path, root=path.parent)
    except ConfigError:
        return


def test_pydantic_is_imported_in_this_folder_only() -> None:
    import devops_mlops_report.report.config as ours

    folder = Path(ours.__file__).resolve().parent
    package = folder.parent.parent
    modules = [path for name in ("report", "history") for path in (package / name).rglob("*.py")]

    importing = [
        path
        for path in modules
        if "import pydantic" in path.read_text() or "from pydantic" in path.read_text()
    ]

    assert importing
    assert all(path.is_relative_to(folder) for path in importing)
