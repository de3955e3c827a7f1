"""`python -m llmlora.entry.migrate [--data-dir DIR]`: bring the database to this version's tables, and end.

Every program does so when it starts; in containers one does it before the others, and tells what is wrong in its own log.
"""

import sys

from llmlora.engine.embedded.connect import prepare_database
from llmlora.engine.embedded.migrate import known_revisions
from llmlora.engine.embedded.services import open_database
from llmlora.entry.console import show
from llmlora.entry.language import localized
from llmlora.entry.program import run_program
from llmlora.kit.settings import Settings


async def migrate(settings: Settings) -> None:
    """Migrate the database that the settings name, or the embedded one.

    Raises:
        AppError: as `prepare_database` and `running_services`.
    """
    if settings.database_url is not None:
        await prepare_database(settings, settings.database_url)
    else:
        async with open_database(settings):
            pass
    newest = known_revisions()[-1]
    show(localized(f"データベースは最新です（{newest}）", f"The database is up to date ({newest})"))


if __name__ == "__main__":
    sys.exit(run_program(migrate))
