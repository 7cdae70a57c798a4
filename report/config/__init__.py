"""The config, `report-config.yml`: read, checked, and turned into what the report and the views work with."""

from .loading import load_config, parse_config
from .model import (
    CONFIG_NAMES,
    DEFAULT_CSV_PATH,
    AcceptedSection,
    CheckSection,
    Config,
    MetricSection,
    MlflowSection,
    NamedBaseline,
    PanelSection,
    ProjectSection,
    RegistrySection,
    ReportSection,
    StorageSection,
)

__all__ = [
    "CONFIG_NAMES",
    "DEFAULT_CSV_PATH",
    "AcceptedSection",
    "CheckSection",
    "Config",
    "MetricSection",
    "MlflowSection",
    "NamedBaseline",
    "PanelSection",
    "ProjectSection",
    "RegistrySection",
    "ReportSection",
    "StorageSection",
    "load_config",
    "parse_config",
]
