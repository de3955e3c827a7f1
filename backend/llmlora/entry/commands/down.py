"""`down`: the end of what `up` started."""

from llmlora.entry.console import DataDir, load_settings, run_async, show
from llmlora.entry.language import localized

# The worker's grace, the other programs', and the services' own shutdown.
TIMEOUT_S = 150.0


def down(data_dir: DataDir = None) -> None:
    """Stop what `up` started.

    Raises:
        PlatformStaysError: something still runs after 150 s.
    """
    from llmlora.engine.platform.ending import end_platform
    from llmlora.entry.platform import tell

    settings = load_settings(data_dir)
    ended = run_async(end_platform(settings, tell, timeout_s=TIMEOUT_S))
    said = (
        localized("停止しました", "Stopped")
        if ended
        else localized("動いているものはありませんでした", "Nothing was running")
    )
    show(f"{said}: {settings.data_dir}")
