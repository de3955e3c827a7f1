"""Why the API cannot serve requests."""

from llmlora.kit.errors import UnavailableError


class DatabaseAwayError(UnavailableError):
    """PostgreSQL does not answer."""

    code = "database_away"
    ja = "PostgreSQL が応答しません。PostgreSQL が動いているか、LLMLORA_DATABASE_URL が正しいか確認してください。"
    en = "PostgreSQL does not answer. Check that it is running and that LLMLORA_DATABASE_URL is correct."


class DatabaseNotMigratedError(UnavailableError):
    """The tables are not those of this version."""

    code = "database_not_migrated"
    ja = "データベースのバージョンが {found} です（必要: {wanted}）。./llmlora up を起動し直してください。"
    en = "The database is at version {found}, not {wanted}. Restart ./llmlora up."
