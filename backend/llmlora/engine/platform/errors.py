"""Why the platform cannot start or stop."""

from llmlora.kit.errors import ConflictError, NotFoundError, UnavailableError


class PlatformRunningError(ConflictError):
    """Another `up` runs on this data directory."""

    code = "platform_running"
    ja = "{path} では別の up が動いています（プロセス {pid}）。./llmlora down --data-dir {path} で止めるか、別の --data-dir を使ってください。"
    en = "Another `up` is running on {path} (process {pid}). Stop it with ./llmlora down --data-dir {path}, or use another --data-dir."


class PortTakenError(UnavailableError):
    """Another program listens where the API or the pages would."""

    code = "port_taken"
    ja = "{host} のポート {port} は別のプログラムが使っています。そのプログラムを止めるか、{option} で別の番号を指定してください。"
    en = "Another program uses port {port} of {host}. Stop that program, or choose another number with {option}."


class AddressUnusableError(UnavailableError):
    """The API or the pages cannot listen there."""

    code = "address_unusable"
    ja = "{host} のポート {port} では待ち受けできません（{reason}）。{option} を確認してください。"
    en = "Nothing can listen on port {port} of {host} ({reason}). Check {option}."


class PlatformNotReadyError(UnavailableError):
    """`up --detach` did not get ready; nothing is left running."""

    code = "platform_not_ready"
    ja = "起動できなかったため、すべて停止しました（{reason_ja}）。上の表示と {folder} のログを確認してください。最後の行: {last}"
    en = "The platform could not be started, and everything was stopped ({reason_en}). Check the lines above and the logs in {folder}. Last line: {last}"


class PlatformStaysError(UnavailableError):
    """`down` asked, and something still runs."""

    code = "platform_stays"
    ja = "{seconds} 秒待ちましたが、まだ終わらないプロセスがあります（{pids}）。ログを確認し、必要なら kill -9 で終了させてください。"
    en = "These processes are still running after {seconds} s: {pids}. Check the logs, and end them with kill -9 if necessary."


class LogNotFoundError(NotFoundError):
    """There is no log of that name."""

    code = "log_not_found"
    ja = "{name} のログはありません。表示できるもの: {known}"
    en = "There is no log named {name}. Available: {known}"
