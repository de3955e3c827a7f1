"""What stands in the blanks of an error's sentence, in words for the list of all codes."""

import re

_NAME = re.compile(r"\{(?:(?:ja|en)_)?(\w+?)(?:_(?:ja|en))?(?:[:!][^{}]*)?\}")
_UNITS = {"_bytes": "bytes", "_mib": "MiB", "_gb": "GB", "_s": "seconds"}
_JA = {
    "advice": "対処", "answer": "答え", "architecture": "構造", "base_url": "アドレス", "best": "最良の値", "by": "オプション",
    "choices": "使える組み合わせ", "column": "列", "columns": "列", "command": "コマンド", "configuration": "設定", "context": "文脈長", "count": "個数", "course": "講座",
    "cure": "対処", "data_dir": "データディレクトリ", "deployment": "デプロイ", "device": "デバイス", "difference": "差",
    "done_bytes": "受信したバイト数", "dropped": "除外した行数", "end": "終わりの印", "endpoint": "ハブのアドレス",
    "engine": "推論エンジン", "error": "エラー", "example": "例", "expected": "期待した値", "failure_code": "失敗のコード",
    "feature": "機能", "field": "項目", "fields": "項目", "file": "ファイル", "fingerprint": "照合値", "first": "最初のもの",
    "fitting": "収まる値", "folder": "フォルダー", "form": "形", "format": "形式", "found": "見つかったもの", "free": "空き",
    "gate": "検査", "given": "指定した値", "goal": "項目", "has": "実際のもの", "head": "head の値", "header": "ヘッダー",
    "here": "この版", "host": "ホスト", "how": "終わり方", "id": "番号", "index": "順番", "instead": "代わりの方法", "job": "ジョブ",
    "job_id": "ジョブ番号", "job_name": "ジョブの名前", "key": "項目", "key_file": "鍵のファイル", "kind": "種類", "kind_a": "種類",
    "kind_b": "種類", "known": "使えるもの", "last": "最後の値", "layers": "層", "length": "長さ", "level": "レベル", "limit": "上限",
    "limit_bytes": "上限のバイト数", "limit_mib": "上限", "limit_s": "上限の秒数", "line": "行", "lock": "固定したバージョンの一覧",
    "log": "ログ", "longest": "最長", "lower": "小さい値", "made_by": "作った版", "max_length": "最大長", "meant": "候補",
    "member": "中のファイル", "method": "方式", "metric": "測った値", "missing": "足りないもの", "model": "モデル",
    "model_bytes": "モデルのバイト数", "model_type": "モデルの種類", "most_cells": "セル数の上限", "most_rows": "行数の上限", "moved": "個数", "name": "名前", "names": "名前", "need": "必要量",
    "needed": "必要なもの", "needed_gb": "必要量", "needs": "使っているもの", "newest": "最新の版", "offset_bytes": "受信したバイト数", "operation": "演算",
    "option": "オプション", "options": "オプション", "origin": "ページのアドレス", "output": "出力", "owner": "所有者", "other": "もう一方", "ours": "こちらの値",
    "package": "パッケージ", "packages": "パッケージ", "param": "項目", "part": "部分", "path": "場所", "peer": "相手の値",
    "pid": "プロセス番号", "pids": "プロセス番号", "place": "場所", "places": "場所", "port": "ポート番号", "position": "位置",
    "precision": "精度", "problem": "問題", "problems": "問題の一覧", "program": "プログラム", "prompt_tokens": "トークン数",
    "question": "質問", "rate": "学習率", "ratio": "倍率", "read": "行数", "reason": "理由", "reasons": "理由", "recipe": "レシピ",
    "reference": "参照", "refused": "除外した行数", "repo": "リポジトリ", "rest_s": "秒数", "revision": "リビジョン", "row": "行番号",
    "row_a": "行番号", "row_b": "行番号", "rows": "行数", "script": "プログラム", "second": "2 つ目", "seconds": "秒数",
    "served": "使える層", "servers": "台数", "setting": "設定", "sha256": "SHA-256", "share": "割合", "shortest": "最短",
    "shown": "読み方の候補", "size_bytes": "全体のバイト数", "size_mib": "大きさ", "state": "状態", "status": "状態コード",
    "step": "ステップ", "steps": "ステップ数", "tables": "テーブルの数", "takes": "入力できるもの", "target": "対象", "tensor": "重みの名前", "text": "文",
    "timeout_s": "秒数", "tokens": "トークン数", "total_gb": "全体のメモリ", "trained": "学習時", "training": "学習", "type": "型", "types": "型",
    "unfolded_mib": "展開後の大きさ", "unknown": "知らない名前", "unused": "使わない入力", "url": "アドレス", "value": "値",
    "variable": "環境変数", "verb": "操作", "version": "バージョン", "wait_s": "秒数", "wanted": "必要な版", "what": "対象",
    "where": "場所", "why": "理由", "words": "文", "workload": "計測の内容",
}  # fmt: skip
_EN = {
    "by": "option", "given": "what was given", "has": "what it is", "here": "this version", "how": "how it ended", "known": "what there is",
    "instead": "another way", "meant": "what may be meant", "member": "file", "made_by": "version", "moved": "number", "pid": "process",
    "pids": "processes", "problems": "list of problems", "shown": "candidates", "what": "what differs", "where": "place", "why": "reason",
    "served": "layers", "lower": "lower value", "best": "best value", "last": "last value", "repo": "repository", "first": "the first",
    "second": "the second", "param": "parameter", "id": "id", "found": "what was found", "host": "host", "kind_a": "kind", "kind_b": "kind",
    "row_a": "row", "row_b": "row", "read": "rows read", "refused": "rows left out", "data_dir": "data directory", "job_id": "job id",
}  # fmt: skip


def readable(blank: str, language: str) -> str:
    """`{size_bytes}` as words; `reason_ja` and `reason_en` are one.

    Raises:
        KeyError: a blank that has no name in Japanese yet.
    """
    found = _NAME.fullmatch(blank)
    name = found[1] if found else blank.strip("{}")
    if language == "ja":
        return _JA[name]
    if name in _EN:
        return _EN[name]
    for ending, unit in _UNITS.items():
        if name.endswith(ending) and name != unit:
            return f"{name.removesuffix(ending).replace('_', ' ')} ({unit})"
    return name.replace("_", " ")
