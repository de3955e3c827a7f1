"""Why a ZIP file cannot become a data set. The import child sends `code` and facts, as for `data.errors`."""

from llmlora.data.errors import FileRefusedError


class ArchiveRefusedError(FileRefusedError):
    """A ZIP file as a whole, or one of its members. Its leaves are below."""

    code = "dataset_archive_refused"


class ArchiveDamagedError(ArchiveRefusedError):
    """Cut short, or bytes that are not what its own checksums say."""

    code = "dataset_archive_damaged"
    ja = "ZIP ファイル {name} が壊れています（{reason}）。もう一度ダウンロードするか、作り直してください。"
    en = "The ZIP file {name} is damaged ({reason}). Download it again, or create a new one."


class ArchiveEmptyError(ArchiveRefusedError):
    """No member that is a file of examples."""

    code = "dataset_archive_empty"
    ja = "ZIP ファイル {name} にデータのファイルがありません。例文のファイルを 1 つ以上入れてください。"
    en = "The ZIP file {name} holds no file of examples. Put at least one in."


class ArchiveEncryptedError(ArchiveRefusedError):
    """A member needs a password."""

    code = "dataset_archive_encrypted"
    ja = "ZIP の中の {member} はパスワードで暗号化されています。パスワードなしの ZIP を作り直してください。"
    en = "{member} in the ZIP file is encrypted with a password. Make the ZIP file without one."


class ArchiveNameUnsafeError(ArchiveRefusedError):
    """A member's name leads out of the folder that it would be unpacked into."""

    code = "dataset_archive_name_unsafe"
    ja = "ZIP の中の {member} は、フォルダーの外を指す名前です（先頭の / や ..、\\ は使えません）。名前を直して、ZIP を作り直してください。"
    en = "{member} in the ZIP file has a name that leads out of its folder (no leading /, no .., no \\). Rename it and create a new ZIP file."


class ArchiveLinkError(ArchiveRefusedError):
    """A member that is no file: a symbolic link, a device."""

    code = "dataset_archive_link"
    ja = "ZIP の中の {member} は、ファイルではなくリンクなどの特別なものです。リンク先のファイルそのものを入れてください。"
    en = "{member} in the ZIP file is a link or another special entry, not a file. Put in the file itself."


class ArchiveTwiceError(ArchiveRefusedError):
    """Two members of one name."""

    code = "dataset_archive_twice"
    ja = "ZIP の中に {member} が 2 つあります。名前を変えるか、片方を取り除いてください。"
    en = "{member} is in the ZIP file twice. Rename or remove one."


class ArchiveNestedError(ArchiveRefusedError):
    """An archive in the archive."""

    code = "dataset_archive_nested"
    ja = "ZIP の中の {member} も圧縮ファイルです（{format}）。展開して、中のファイルを直接入れてください。"
    en = "{member} in the ZIP file is an archive itself ({format}). Unpack it and put its files in directly."


class ArchiveTooManyMembersError(ArchiveRefusedError):
    """More members than the bound."""

    code = "dataset_archive_too_many_members"
    ja = "ZIP の中のファイルが {count} 個あります。上限は {limit} 個です。分けるか、行を 1 つのファイルにまとめてください。"
    en = "The ZIP file holds {count} files, but at most {limit} can be read. Split it, or put the rows into fewer files."


class ArchiveMethodError(ArchiveRefusedError):
    """Compressed in a way that not everybody reads."""

    code = "dataset_archive_method"
    ja = "ZIP の中の {member} の圧縮方式（番号 {method}）には対応していません。標準の圧縮（Deflate）で作り直してください。"
    en = "The compression method {method} of {member} in the ZIP file is not supported. Make it with the standard one (Deflate)."


class ArchiveMemberUnfoldsTooFarError(ArchiveRefusedError):
    """A decompression bomb by one member's ratio."""

    code = "dataset_archive_member_unfolds_too_far"
    ja = "ZIP の中の {member} は、展開すると {ratio} 倍を超えて大きくなるため、圧縮爆弾とみなして読み込みを止めました。展開したファイルをそのまま追加してください。"
    en = "{member} in the ZIP file expands to more than {ratio} times its size, which is taken for a decompression bomb. Add the unpacked file itself."


class ArchiveKindsDifferError(ArchiveRefusedError):
    """Members of different kinds."""

    code = "dataset_archive_kinds_differ"
    ja = "ZIP の中に種類の違うデータがあります（{first} は{first_ja}、{second} は{second_ja}）。種類ごとに ZIP を分けてください。"
    en = "The ZIP file mixes kinds of data: {first} holds {first_en}, {second} holds {second_en}. Make one ZIP file per kind."


class ArchiveMediaUnusedError(ArchiveRefusedError):
    """Pictures or sounds beside rows of a kind that has none."""

    code = "dataset_archive_media_unused"
    ja = "ZIP の中の {member}（{format}）は、{kind}のデータでは使えません。取り除いてください。"
    en = "{member} ({format}) in the ZIP file cannot be used by data of the kind {kind}. Remove it."


class ArchiveMemberRefusedError(ArchiveRefusedError):
    """A member that cannot be read, in the words that it would have as a file of its own."""

    code = "dataset_archive_member"
    ja = "ZIP の中の {member}: {reason}"
    en = "{member} in the ZIP file: {reason}"
