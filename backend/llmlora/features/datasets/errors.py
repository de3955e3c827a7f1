"""What can be wrong with a request about datasets. What is wrong with a file stands in `data.errors`."""

from llmlora.kit.errors import AppError, ConflictError, InvalidInputError, NotFoundError, UnavailableError


class DatasetNotFoundError(NotFoundError):
    """No dataset has that id."""

    code = "dataset_not_found"
    ja = "データ {id} はありません。./llmlora datasets list で確認してください。"
    en = "There is no dataset {id}. See ./llmlora datasets list."


class DatasetAmbiguousError(ConflictError):
    """An id's beginning fits several datasets."""

    code = "dataset_ambiguous"
    ja = "{id} で始まるデータが複数あります: {known}"
    en = "Several datasets begin with {id}: {known}"


class ImporterDiedError(AppError):
    """The process that read the file ended without a word."""

    code = "dataset_importer_died"
    ja = "ファイルの読み込みプロセスが途中で終了しました（{how}）。もう一度実行してください。メモリ不足でないかも確認してください。"
    en = "The process that read the file died ({how}). Try again; check that memory is left."


class DatasetInUseError(ConflictError):
    """Jobs that are not over need it."""

    code = "dataset_in_use"
    ja = "データ {id} は、使われているため削除できません。{needs_ja}"
    en = "The dataset {id} is needed and cannot be deleted. {needs_en}"


class FormMalformedError(InvalidInputError):
    """A multipart body that cannot be taken apart."""

    code = "form_malformed"
    ja = (
        "multipart/form-data を読み取れません（{reason}）。file という名前で 1 つのファイルを送ってください。"
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
    ja = "アップロード {id} はありません（完了、取り消し、または期限切れ）。最初から送り直してください。"
    en = "There is no upload {id} (finished, cancelled or expired). Start a new one."


class UploadBusyError(ConflictError):
    """Another request is writing to or finishing this upload."""

    status = 423
    code = "upload_busy"
    ja = "アップロード {id} は別のリクエストが処理中です。終わってから HEAD で位置を確かめて続けてください。"
    en = (
        "Another request is working on upload {id}. Wait, ask for the offset with HEAD, and go on from there."
    )


class UploadOffsetError(ConflictError):
    """The bytes sent do not continue the bytes that are there."""

    code = "upload_offset_wrong"
    ja = "Upload-Offset が {given} ですが、届いているのは {offset_bytes} バイトです。{offset_bytes} から送ってください。"
    en = "Upload-Offset is {given}, but {offset_bytes} bytes have arrived. Go on from {offset_bytes}."


class UploadBeyondLengthError(InvalidInputError):
    """More bytes than Upload-Length promised."""

    status = 413
    code = "upload_beyond_length"
    ja = "宣言された {size_bytes} バイトを超えています。この分は保存していません。新しいアップロードを作ってください。"
    en = "That is more than the {size_bytes} bytes that were announced. Nothing of it was kept; create a new upload."


class UploadIncompleteError(ConflictError):
    """Not all bytes are there yet."""

    code = "upload_incomplete"
    ja = "まだ {offset_bytes} / {size_bytes} バイトです。残りを送ってから続けてください。"
    en = "Only {offset_bytes} of {size_bytes} bytes have arrived. Send the rest first."


class UploadDamagedError(InvalidInputError):
    """The whole is not what the client said it would be."""

    code = "upload_sha256_mismatch"
    ja = "届いたファイルの SHA-256 は {found} で、宣言された {expected} と一致しません。破棄しました。最初から送り直してください。"
    en = "The SHA-256 of what arrived is {found}, not {expected} as announced. It was discarded; upload it again."


class ChunkDamagedError(InvalidInputError):
    """A piece does not have the checksum it was sent with. The protocol answers 460, which RFC 9110 does not know."""

    code = "upload_checksum_mismatch"
    ja = (
        "送られた部分のチェックサムが一致しません。この分は破棄しました。同じ位置からもう一度送ってください。"
    )
    en = "The checksum of this piece does not match. The piece was discarded; send it again from the same offset."


class UploadHeaderError(InvalidInputError):
    """A header of the upload protocol is missing or malformed."""

    status = 400
    code = "upload_header_invalid"
    ja = "ヘッダー {header} が正しくありません（必要な形: {form}）。"
    en = "The header {header} is missing or malformed; write {form}."


class UploadMediaTypeError(InvalidInputError):
    """Pieces come as raw bytes."""

    status = 415
    code = "upload_media_type"
    ja = "Content-Type は application/offset+octet-stream にしてください。"
    en = "The Content-Type has to be application/offset+octet-stream."


class UploadVersionError(InvalidInputError):
    """Another version of the protocol, or none."""

    status = 412
    code = "upload_version_unknown"
    ja = "ヘッダー Tus-Resumable: 1.0.0 を付けてください。"
    en = "Send the header Tus-Resumable: 1.0.0."


class TokensKindError(InvalidInputError):
    """No recipe turns this kind into tokens yet."""

    code = "tokens_kind_unsupported"
    ja = "種類 {kind} のデータはトークン表示に対応していません。対応: {known}"
    en = "Data of the kind {kind} have no token preview. It works for: {known}"


class TokensRefusedError(InvalidInputError):
    """The child's refusal in the words it had there; `code` is the child's."""

    code = "tokens_refused"
    ja = "{ja_text}"
    en = "{en_text}"


class TokensTooSlowError(UnavailableError):
    """The child did not end in time."""

    code = "tokens_too_slow"
    ja = "トークンの計算が {limit_s} 秒で終わりませんでした。max_length を小さくするか、データを分けてください。"
    en = "Counting tokens did not end within {limit_s} s. Lower max_length or split the dataset."


class TokensBusyError(UnavailableError):
    """Another preview takes long."""

    code = "tokens_busy"
    ja = "別のトークン計算が続いています。しばらくしてからもう一度試してください。"
    en = "Another token preview is still being computed. Try again in a while."


class TokensDiedError(AppError):
    """The child ended without a word."""

    code = "tokens_died"
    ja = "トークンを計算するプロセスが途中で終了しました（{how}）。メモリ不足でないか確認して、もう一度試してください。"
    en = "The process that counts tokens died ({how}). Check that memory is left and try again."


class NothingToValidateError(NotFoundError):
    """No file of examples is there."""

    code = "nothing_to_validate"
    ja = "{place} に例文のファイル（JSON、JSONL、CSV、TSV、Parquet）がありません。"
    en = "There is no file of examples (JSON, JSONL, CSV, TSV, Parquet) in {place}."
