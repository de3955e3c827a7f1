"""Why the embedded services cannot start or stop."""

from llmlora.kit.errors import ConflictError, UnavailableError

DOCTOR = "./llmlora doctor"
"""Where one looks when a service has not yet written a log."""


class DataDirNotWritableError(UnavailableError):
    """The data directory cannot be made or written."""

    code = "data_dir_not_writable"
    ja = "データディレクトリ {path} に書き込めません（{reason}）。--data-dir で別の場所を指定するか、権限を直してください。"
    en = "The data directory {path} is not writable ({reason}). Choose another --data-dir or fix its permissions."


class DiskFullError(UnavailableError):
    """There is no room left for the data directory."""

    code = "disk_full"
    ja = "{path} のあるディスクに空きがありません。空きを作るか、--data-dir で別の場所を指定してください。"
    en = "The disk that holds {path} is full. Free some space or choose another --data-dir."


class PostgresUnavailableError(UnavailableError):
    """The embedded PostgreSQL does not start."""

    code = "postgres_unavailable"
    ja = "PostgreSQL を起動できません: {reason}。{log} を確認するか、LLMLORA_DATABASE_URL で別のサーバーを指定してください。"
    en = "PostgreSQL cannot be started: {reason}. Check {log}, or specify another server in LLMLORA_DATABASE_URL."


class ValkeyUnavailableError(UnavailableError):
    """The embedded Valkey does not start."""

    code = "valkey_unavailable"
    ja = "Valkey を起動できません: {reason}。{log} を確認するか、LLMLORA_REDIS_URL で別のサーバーを指定してください。"
    en = "Valkey cannot be started: {reason}. Check {log}, or specify another server in LLMLORA_REDIS_URL."


class ExternalServiceUnreachableError(UnavailableError):
    """A server that the settings name does not answer."""

    code = "external_service_unreachable"
    ja = (
        "{setting} に指定したサーバーに接続できません: {reason}。アドレスとサーバーの状態を確認してください。"
    )
    en = "The server named in {setting} cannot be reached: {reason}. Check the address and the server."


class ServicesInUseError(ConflictError):
    """Other commands still use the services."""

    code = "services_in_use"
    ja = "サービスは、ほかのプロセスが使用中です（{pids}）。先にそのプロセスを終了してください。"
    en = "Other processes are using the services ({pids}). Stop those processes first."


class DatabaseNewerError(ConflictError):
    """A later version of llmlora has changed the tables."""

    code = "database_newer"
    ja = "データベースは、より新しいバージョンの llmlora のものです（{found}、このバージョンは {newest} まで対応）。llmlora を更新するか、別の --data-dir を使ってください。"
    en = "The database belongs to a newer version of llmlora ({found}; this version supports up to {newest}). Update llmlora, or use another --data-dir."


class RestoreUnfinishedError(ConflictError):
    """A restore into this data directory was interrupted: half of it must not be taken for the whole."""

    code = "restore_unfinished"
    ja = "{path} への復元が途中です。./llmlora restore をもう一度実行すると続きから進みます（やめる場合は {path} を消してください）。"
    en = "A restore into {path} has not finished. Run ./llmlora restore again and it goes on (to give it up, remove {path})."
