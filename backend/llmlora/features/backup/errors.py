"""Why a backup cannot be made or restored."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class NothingToBackUpError(NotFoundError):
    """There is no database in the data directory."""

    code = "nothing_to_back_up"
    ja = "{path} にはまだ何もありません。--data-dir を確認してください。"
    en = "There is nothing in {path} yet. Check --data-dir."


class BackupExistsError(ConflictError):
    """The file is there already."""

    code = "backup_exists"
    ja = "{path} はすでにあります。別の名前を指定するか、そのファイルを移してください（上書きはしません）。"
    en = "{path} exists already. Choose another name or move it away (nothing is overwritten)."


class BackupBusyError(ConflictError):
    """Another process works on it."""

    code = "backup_busy"
    ja = "{path} はほかの処理が使用中です。終わるまで待ってください。"
    en = "Another process works on {path}. Wait until it has ended."


class BackupPartForeignError(ConflictError):
    """FILE.part is not the beginning of a backup."""

    code = "backup_part_foreign"
    ja = "{path} は llmlora の作りかけのバックアップではありません。別の名前を指定するか、そのファイルを移してください。"
    en = "{path} is not a half-made backup of llmlora. Choose another name or move it away."


class BackupPlaceError(UnavailableError):
    """The file cannot be written or read where it is."""

    code = "backup_place"
    ja = "{path} を読み書きできません（{reason}）。場所と権限を確認してください。"
    en = "{path} cannot be read or written ({reason}). Check the place and its permissions."


class NotEnoughRoomError(UnavailableError):
    """The disk has less free than what is to be written."""

    code = "not_enough_room"
    ja = (
        "{path} のあるディスクの空きは {free} で、{need} 必要です。空きを作るか、別の場所を指定してください。"
    )
    en = "The disk that holds {path} has {free} free and {need} are needed. Free some space or choose another place."


class BackupDiskFullError(UnavailableError):
    """The disk was filled while we wrote."""

    code = "backup_disk_full"
    ja = "{path} のあるディスクに空きがなくなりました。空きを作って同じコマンドをもう一度実行すると、続きから進みます。"
    en = "The disk that holds {path} is full. Free some space and run the same command again: it goes on from here."


class SourceChangedError(ConflictError):
    """A file that never changes has changed while it was copied."""

    code = "backup_source_changed"
    ja = "バックアップ中に {path} が変わったか、なくなりました。もう一度実行してください。繰り返す場合は、外から書き換えているプログラムとディスクを確認してください。"
    en = "{path} changed or went away while it was backed up. Run this again; if it happens again, check which program writes there, and the disk."


class BackupNotFoundError(NotFoundError):
    """There is no such file."""

    code = "backup_not_found"
    ja = "{path} がありません。バックアップのファイル名を確認してください。"
    en = "There is no {path}. Check the name of the backup."


class NotABackupError(InvalidInputError):
    """The file is something else."""

    code = "not_a_backup"
    ja = "{path} は llmlora のバックアップではありません（{reason}）。./llmlora backup で作ったファイルを指定してください。"
    en = "{path} is not a backup of llmlora ({reason}). Name a file that ./llmlora backup has made."


class BackupDamagedError(InvalidInputError):
    """A part has another hash than the manifest says, or is not there."""

    code = "backup_damaged"
    ja = "{path} は壊れています: {member} が{problem_ja}。別のコピーから復元してください。壊れた部分は復元していません。"
    en = "{path} is damaged: {member} {problem_en}. Restore from another copy. The damaged part was not restored."


class BackupNewerError(ConflictError):
    """A later version of llmlora has made it."""

    code = "backup_newer"
    ja = "{path} は新しい版の llmlora（{made_by}）のバックアップで、この版（{here}）では読めません（{found}）。llmlora を更新してから復元してください。"
    en = "{path} was made by a later llmlora ({made_by}); this one ({here}) cannot read it ({found}). Update llmlora, then restore."


class RestoreTargetNotEmptyError(ConflictError):
    """Something is there already."""

    code = "restore_target_not_empty"
    ja = "復元先 {path} は空ではありません（{found}）。--data-dir で空のディレクトリを指定してください。"
    en = "{path} is not empty ({found}). Choose an empty directory with --data-dir."


class RestoreDatabaseNotEmptyError(ConflictError):
    """The database that the settings name has tables."""

    code = "restore_database_not_empty"
    ja = "LLMLORA_DATABASE_URL のデータベースは空ではありません（テーブル {tables}）。空のデータベースを指定してください。"
    en = "The database of LLMLORA_DATABASE_URL is not empty (tables: {tables}). Name an empty one."


class OtherRestoreUnfinishedError(ConflictError):
    """Half of another backup lies there."""

    code = "other_restore_unfinished"
    ja = "{path} には別のバックアップ（{other}）が途中まで復元されています。そのバックアップの復元を続けるか、別の --data-dir を指定してください。"
    en = "{path} holds half of another backup ({other}). Go on restoring that one, or choose another --data-dir."
