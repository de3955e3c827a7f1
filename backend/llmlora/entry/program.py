"""How the programs of `up` begin: with their parent's life, a data directory, and a log."""

import argparse
from pathlib import Path

from llmlora.kit.log import configure_logging
from llmlora.kit.processes import die_with_parent
from llmlora.kit.settings import Settings, read_settings


def program_settings() -> Settings:
    """Settings for `--data-dir DIR`, the one argument that `up` gives."""
    die_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, required=True)
    given = parser.parse_args()
    settings = read_settings().model_copy(update={"data_dir": given.data_dir.resolve()})
    configure_logging(settings.log_level)
    return settings
