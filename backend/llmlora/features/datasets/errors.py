"""What can be wrong with a request about datasets. What is wrong with a file stands in `data.errors`."""

from llmlora.kit.errors import AppError, ConflictError, InvalidInputError, NotFoundError, UnavailableError


class DatasetNotFoundError(NotFoundError):
    """No dataset has that id."""

    code = "dataset_not_found"
    ja = "データ {id} はありません。./llmlora datasets list で確認してください。"
    en = "There is no data set {id}. Check ./llmlora datasets list."


class DatasetFilesGoneError(ConflictError):
    """What the studio kept of a data set is no longer on the disk."""

    code = "dataset_files_gone"
    ja = (
        "データ {name} のファイル（{file}）がディスクにありません。元の場所に戻すか、"
        "元のファイルをもう一度追加してください（このデータが元に戻ります）。"
    )
    en = (
        "The file {file} of the data set {name} is missing on the disk. Put it back, "
        "or add the original file again, which restores this data set."
    )


class MediaNotFoundError(NotFoundError):
    """No row of the data set shows such a picture or sound."""

    code = "media_not_found"
    ja = "データ {id} に {sha256} の画像や音声はありません。行にある sha256 を指定してください。"
    en = "The data set {id} has no picture or sound {sha256}. Use a sha256 that its rows name."


class DatasetAmbiguousError(ConflictError):
    """An id's beginning fits several datasets."""

    code = "dataset_ambiguous"
    ja = "{id} で始まるデータが複数あります。番号をもっと長く指定してください: {known}"
    en = "Several data sets begin with {id}. Enter more of the id: {known}"


class ImporterDiedError(AppError):
    """The process that read the file ended without a word."""

    code = "dataset_importer_died"
    ja = "ファイルを読み込むプロセスが途中で終了しました（{how}）。メモリが足りているか確認して、もう一度実行してください。"
    en = "The process that reads the file ended early ({how}). Check that there is enough memory, and try again."


class DatasetInUseError(ConflictError):
    """Jobs that are not over need it."""

    code = "dataset_in_use"
    ja = "データ「{name}」は、使われているため削除できません。{needs_ja}"
    en = "The data set “{name}” is in use and cannot be deleted. {needs_en}"


class FormMalformedError(InvalidInputError):
    """A multipart body that cannot be taken apart."""

    code = "form_malformed"
    ja = (
        "multipart/form-data を読み取れません（{reason}）。ファイルを 1 つ、file という名前で送ってください。"
    )
    en = "The multipart/form-data cannot be read ({reason}). Send one file under the name “file”."


class UploadTooLargeError(InvalidInputError):
    """More bytes than the settings allow."""

    status = 413
    code = "upload_too_large"
    ja = "ファイルが大きすぎます（上限 {limit_bytes} バイト）。分割するか、LLMLORA_UPLOAD_LIMIT_BYTES を大きくしてください。"
    en = "The file is too large (at most {limit_bytes} bytes). Split it, or raise LLMLORA_UPLOAD_LIMIT_BYTES."


class UploadNotFoundError(NotFoundError):
    """No upload has that id, or its bytes are gone."""

    code = "upload_not_found"
    ja = "アップロード {id} はありません。完了したか、取り消されたか、期限が切れています。最初から送り直してください。"
    en = "There is no upload {id} (finished, cancelled or expired). Start a new upload."


class UploadBusyError(ConflictError):
    """Another request is writing to or finishing this upload."""

    status = 423
    code = "upload_busy"
    ja = "アップロード {id} は別のリクエストが処理中です。終わってから HEAD で位置を確かめて続けてください。"
    en = "Another request is working on upload {id}. Wait, get the offset with HEAD, and continue from there."


class UploadOffsetError(ConflictError):
    """The bytes sent do not continue the bytes that are there."""

    code = "upload_offset_wrong"
    ja = "Upload-Offset が {given} ですが、届いているのは {offset_bytes} バイトです。続きを {offset_bytes} バイト目から送ってください。"
    en = "Upload-Offset is {given}, but {offset_bytes} bytes have arrived. Continue from {offset_bytes}."


class UploadBeyondLengthError(InvalidInputError):
    """More bytes than Upload-Length promised."""

    status = 413
    code = "upload_beyond_length"
    ja = "申告された {size_bytes} バイトを超えています。この部分は保存していません。新しいアップロードを作ってください。"
    en = "This is more than the {size_bytes} bytes that were declared. This part was not kept. Create a new upload."


class UploadIncompleteError(ConflictError):
    """Not all bytes are there yet."""

    code = "upload_incomplete"
    ja = "まだ {offset_bytes} / {size_bytes} バイトです。残りを送ってから続けてください。"
    en = "Only {offset_bytes} of {size_bytes} bytes have arrived. Send the rest first."


class UploadDamagedError(InvalidInputError):
    """The whole is not what the client said it would be."""

    code = "upload_sha256_mismatch"
    ja = "届いたファイルの SHA-256 は {found} で、申告された {expected} と一致しないため、破棄しました。最初から送り直してください。"
    en = "The SHA-256 of the file that arrived is {found}, not {expected} as declared. The file was discarded. Upload it again."


class ChunkDamagedError(InvalidInputError):
    """A piece does not have the checksum it was sent with. The protocol answers 460, which RFC 9110 does not know."""

    code = "upload_checksum_mismatch"
    ja = "届いた部分のチェックサムが一致しないため、この部分を破棄しました。同じ位置からもう一度送ってください。"
    en = "The checksum of this part does not match. The part was discarded. Send it again from the same offset."


class UploadHeaderError(InvalidInputError):
    """A header of the upload protocol is missing or malformed."""

    status = 400
    code = "upload_header_invalid"
    ja = "ヘッダー {header} がないか、正しくありません。{form} の形で書いてください。"
    en = "The header {header} is missing or malformed. Write it as {form}."


class UploadMediaTypeError(InvalidInputError):
    """Pieces come as raw bytes."""

    status = 415
    code = "upload_media_type"
    ja = "Content-Type は application/offset+octet-stream にしてください。"
    en = "Set the Content-Type to application/offset+octet-stream."


class UploadVersionError(InvalidInputError):
    """Another version of the protocol, or none."""

    status = 412
    code = "upload_version_unknown"
    ja = "ヘッダー Tus-Resumable: 1.0.0 を付けてください。"
    en = "Send the header Tus-Resumable: 1.0.0."


class TokensKindError(InvalidInputError):
    """No recipe turns this kind into tokens yet."""

    code = "tokens_kind_unsupported"
    ja = "{kind}のデータでは、トークンを表示できません。表示できる種類: {known}"
    en = "Tokens cannot be shown for data of the kind {kind}. They can for: {known}"


class TokensRefusedError(InvalidInputError):
    """The child's refusal in the words it had there; `code` is the child's."""

    code = "tokens_refused"
    ja = "{ja_text}"
    en = "{en_text}"


class TokensTooSlowError(UnavailableError):
    """The child did not end in time."""

    code = "tokens_too_slow"
    ja = "トークンを {limit_s} 秒以内に数え終わりませんでした。最大長（max_length）を小さくするか、データを分けてください。"
    en = "Counting tokens took more than {limit_s} s. Lower max_length or split the data set."


class TokensBusyError(UnavailableError):
    """Another preview takes long."""

    code = "tokens_busy"
    ja = "ほかのデータのトークンを数えています。しばらくしてから、もう一度試してください。"
    en = "Tokens of other data are still being counted. Try again in a while."


class TokensDiedError(AppError):
    """The child ended without a word."""

    code = "tokens_died"
    ja = "トークンを数えるプロセスが途中で終了しました（{how}）。メモリが足りているか確認して、もう一度試してください。"
    en = "The process that counts tokens ended early ({how}). Check that there is enough memory, and try again."


class SortUnknownError(InvalidInputError):
    """A list is to be sorted by what data sets do not have."""

    code = "dataset_sort_unknown"
    ja = "「{column}」では並べ替えられません。使えるのは {columns} です。"
    en = "Data sets cannot be sorted by {column}. Use one of {columns}."


class NothingToValidateError(NotFoundError):
    """No file of examples is there."""

    code = "nothing_to_validate"
    ja = "{place} に例文のファイル（JSON、JSONL、CSV、TSV、Parquet）がありません。"
    en = "There is no file of examples (JSON, JSONL, CSV, TSV, Parquet) in {place}."


class FindingsBusyError(UnavailableError):
    """Another data set is being looked over."""

    code = "findings_busy"
    ja = "ほかのデータを調べています。しばらくしてから、もう一度試してください。"
    en = "Other data is still being examined. Try again in a while."


class FindingsTooSlowError(UnavailableError):
    """The child did not end in time."""

    code = "findings_too_slow"
    ja = "データを {limit_s} 秒以内に調べ終わりませんでした。データを分けると調べられます。"
    en = "Examining the data took more than {limit_s} s. Split the data set to have it examined."


class FindingsDiedError(AppError):
    """The child ended without a word."""

    code = "findings_died"
    ja = "データを調べるプロセスが途中で終了しました（{how}）。メモリが足りているか確認して、もう一度試してください。"
    en = "The process that examines the data ended early ({how}). Check that there is enough memory, then try again."
