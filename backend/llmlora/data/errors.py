"""Why a whole file is refused. The importer child sends `code` and facts; its parent rebuilds the error from them."""

import json

from llmlora.kit.errors import FieldProblem, InvalidInputError, UnavailableError


class FileRefusedError(InvalidInputError):
    """The file as a whole cannot become a dataset. Its leaves are below."""

    code = "file_refused"


class EmptyFileError(FileRefusedError):
    """No bytes, or only white space."""

    code = "dataset_file_empty"
    ja = "ファイル {name} は空です。例文を 1 行以上入れてください。"
    en = "The file {name} is empty. Add at least one example."


class NoRowsError(FileRefusedError):
    """A header or brackets, and no row."""

    code = "dataset_no_rows"
    ja = "ファイル {name} に行がありません（見出しや括弧だけです）。例文を 1 行以上入れてください。"
    en = "The file {name} has no rows (only a header or brackets). Add at least one example."


class NoUsableRowError(FileRefusedError):
    """Every row was refused."""

    code = "dataset_no_usable_row"
    ja = "使える行がありません（全 {read} 行を除外: {reasons_ja}）。最初は {row} 行目です。{first_ja}"
    en = "No row can be used (all {read} are left out: {reasons_en}). The first is row {row}: {first_en}"


class UnreadableFormatError(FileRefusedError):
    """Not one of the formats we read."""

    code = "dataset_format_unreadable"
    ja = "ファイル {name} を読めません（{reason}）。JSON、JSONL、CSV、TSV、Parquet のいずれかにしてください。"
    en = "The file {name} cannot be read ({reason}). Use JSON, JSONL, CSV, TSV or Parquet."


class InvalidJsonError(FileRefusedError):
    """A JSON document that breaks off or is malformed."""

    code = "dataset_json_invalid"
    ja = "JSON の形が壊れています（{rows} 行を読んだ後: {reason}）。途中で切れていないか、カンマや引用符を確かめてください。"
    en = "The JSON is malformed (after {rows} rows: {reason}). Check that it is complete, and its commas and quotes."


class SeveralArraysError(FileRefusedError):
    """An object that holds more than one array of rows."""

    code = "dataset_several_arrays"
    ja = "JSON オブジェクトに行の配列が 2 つ以上あります（{first}、{second}）。1 つだけ残すか、別々のファイルにしてください。"
    en = "The JSON object holds several arrays of rows ({first}, {second}). Keep one, or make separate files."


class TruncatedParquetError(FileRefusedError):
    """The footer of a Parquet file is missing."""

    code = "dataset_parquet_truncated"
    ja = "Parquet ファイルの末尾がありません（途中で切れています）。もう一度ダウンロードまたは書き出してください。"
    en = "The Parquet file has no footer: it was cut short. Download or write it again."


class DamagedParquetError(FileRefusedError):
    """Pages of a Parquet file that cannot be decoded."""

    code = "dataset_parquet_damaged"
    ja = "Parquet ファイルが壊れています（{rows} 行を読んだ後: {reason}）。もう一度ダウンロードまたは書き出してください。"
    en = "The Parquet file is damaged (after {rows} rows: {reason}). Download or write it again."


class UnknownEncodingError(FileRefusedError):
    """Bytes that are plausible text in no encoding, or in several.

    `candidates`: JSON text of pairs, an encoding and what the first characters beyond ASCII are in it. Each is a field `/encoding/NAME` of the problem, for pages that let a person choose.
    """

    code = "dataset_encoding_unknown"
    ja = "文字コードを判別できません（最初の非 ASCII 文字は {position} バイト目）。{shown}文字コードを指定するか、UTF-8 で保存し直してください。"
    en = "The text encoding is ambiguous (first byte beyond ASCII at {position}). {shown}Specify the encoding, or save the file as UTF-8."

    def __init__(self, *, position: object, candidates: object = "[]") -> None:
        pairs = json.loads(str(candidates))
        self.shown = {
            "ja": "、".join(f"{name}「{sample}」" for name, sample in pairs),
            "en": ", ".join(f"{name} “{sample}”" for name, sample in pairs),
        }
        super().__init__(position=position, candidates=candidates)
        self.fields = tuple(FieldProblem(f"/encoding/{name}", sample, sample) for name, sample in pairs)

    def detail(self, language: str) -> str:
        """With the candidates."""
        ja = language == "ja"
        names = self.shown["ja" if ja else "en"]
        words = (f"候補: {names}。" if ja else f"Candidates: {names}. ") if names else ""
        return (self.ja if ja else self.en).format(**self.facts, shown=words)


class UnsupportedEncodingError(FileRefusedError):
    """An encoding that nobody knows, or that is none of texts."""

    code = "dataset_encoding_unsupported"
    ja = "文字コード {given} には対応していません。使えるもの: {known}"
    en = "The encoding {given} is not supported. Supported: {known}"


class RowTooLongError(FileRefusedError):
    """One line or row beyond the bound: reading stops there."""

    code = "dataset_row_too_long"
    ja = "{row} 行目が {limit_mib} MiB を超えています。1 行に 1 つの例文を入れてください。"
    en = "Row {row} is longer than {limit_mib} MiB. Put one example on each line."


class CellTooLongError(FileRefusedError):
    """A CSV cell beyond the bound, mostly a quote that never ends."""

    code = "dataset_cell_too_long"
    ja = '{row} 行目のセルが {limit_mib} MiB を超えています。引用符 " の閉じ忘れがないか確かめてください。'
    en = 'A cell of row {row} is longer than {limit_mib} MiB. Check for a quote " that is never closed.'


class UnclosedQuoteError(FileRefusedError):
    """A CSV that ends inside a quoted cell."""

    code = "dataset_quote_unclosed"
    ja = '{row} 行目で始まった引用符 " が閉じられないまま、ファイルが終わっています。閉じる引用符を補ってください。'
    en = 'The file ends inside a cell: a quote " opened in row {row} is never closed. Add the closing quote.'


class TooManyColumnsError(FileRefusedError):
    """A table wider than the bound."""

    code = "dataset_too_many_columns"
    ja = "列が {count} 個あります。上限は {limit} 個です。必要な列だけを残してください。"
    en = "There are {count} columns, but at most {limit} can be read. Keep only the columns you need."


class DuplicateColumnError(FileRefusedError):
    """Two columns of one name."""

    code = "dataset_duplicate_column"
    ja = "列名「{column}」が 2 回あります。列ごとに違う名前を付けてください。"
    en = "The column “{column}” appears twice. Give every column its own name."


class MixedKindsError(FileRefusedError):
    """Rows of different kinds in one file."""

    code = "dataset_mixed_kinds"
    ja = "種類の違う行が混ざっています（{row_a} 行目は{kind_a_ja}、{row_b} 行目は{kind_b_ja}）。種類ごとにファイルを分けてください。"
    en = "Rows of different kinds are mixed: row {row_a} holds {kind_a_en}, row {row_b} {kind_b_en}. Make one file per kind."


class RowsAreTurnsError(FileRefusedError):
    """Every row is one turn of a conversation, and nothing says which rows belong together."""

    code = "dataset_rows_are_turns"
    ja = '1 行が会話の 1 つの発言になっています（{row} 行目から）。1 行に 1 つの会話を入れてください: {{"messages": [{{"role": "user", "content": "…"}}, {{"role": "assistant", "content": "…"}}]}}'
    en = 'Every row is a single turn of a conversation (from row {row} on). Put one conversation into each row: {{"messages": [{{"role": "user", "content": "…"}}, {{"role": "assistant", "content": "…"}}]}}'


class MissingColumnError(FileRefusedError):
    """What is needed for a kind is not there."""

    code = "dataset_missing_column"
    ja = "必要な列がありません。見つかった列: {found}。足りない列: {missing_ja}。使える組み合わせ: {choices_ja}。1 行目を列名として読みました。列名の行がないときは先頭に加え、名前が違うときはどの列がどれに当たるかを指定してください。"
    en = "Columns are missing. Found: {found}. Missing: {missing_en}. Possible combinations: {choices_en}. Line 1 was read as the column names. If the file has no such line, add one; if the names differ, specify which column is which."


class BadMappingError(FileRefusedError):
    """A column mapping that names something unknown."""

    code = "dataset_mapping_invalid"
    ja = "列の対応付け {field}={column} は使えません。使える項目: {fields}。ファイルの列: {columns}。"
    en = "The mapping {field}={column} cannot be used. Fields: {fields}. Columns of the file: {columns}."


class TooMuchMemoryError(FileRefusedError):
    """Reading needs more memory than a file may take, e.g. a decompression bomb."""

    code = "dataset_too_much_memory"
    ja = "このファイルを読むには {limit_mib} MiB を超えるメモリが必要です。行やセル、Parquet のページを小さくしてください。"
    en = "Reading this file takes more than {limit_mib} MiB of memory. Make its rows, cells or Parquet pages smaller."


class UnfoldsTooFarError(FileRefusedError):
    """A decompression bomb: far more text than a file of this size can honestly hold."""

    code = "dataset_unfolds_too_far"
    ja = "{size_mib} MiB のファイルを展開すると {unfolded_mib} MiB を超えるため、圧縮爆弾とみなして読み込みを止めました。ファイルを小さく分けてください。"
    en = "A file of {size_mib} MiB expands to more than {unfolded_mib} MiB, which is taken for a decompression bomb. Split it into smaller files."


class DiskFullError(UnavailableError):
    """No room for the copy or the rows."""

    code = "disk_full"
    ja = "ディスクの空きが足りません（{path}）。空きを作るか、--data-dir で別の場所を指定してください。"
    en = "The disk is full ({path}). Free some space, or choose another place with --data-dir."


class FileNotReadableError(UnavailableError):
    """The operating system does not let us read or write a file."""

    code = "dataset_file_not_readable"
    ja = "{path} を読み書きできません（{reason}）。権限とディスクを確認してください。"
    en = "{path} cannot be read or written ({reason}). Check its permissions and the disk."
