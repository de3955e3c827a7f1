"""What can go wrong between us and Ollama. Each leaf says what to change."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class OllamaNameError(InvalidInputError):
    """Not a name that Ollama knows how to write, or one that leads to another server."""

    code = "ollama_name_invalid"
    ja = "「{name}」は Ollama のモデル名として使えません（{reason_ja}）。smollm2:135m や 名前空間/モデル:タグ の形で書いてください。"
    en = "“{name}” cannot be the name of an Ollama model ({reason_en}). Write it like smollm2:135m or namespace/model:tag."


class OllamaUnreachableError(UnavailableError):
    """No Ollama answers at its address."""

    code = "ollama_unreachable"
    ja = "Ollama（{base_url}）に接続できません（{reason}）。Ollama を起動するか、OLLAMA_HOST を確認してください。ほかの機能は Ollama がなくても使えます。"
    en = "Ollama at {base_url} cannot be reached ({reason}). Start Ollama, or check OLLAMA_HOST. Everything else works without it."


class OllamaRestingError(UnavailableError):
    """It failed several times in a row, so it is left alone for a moment."""

    code = "ollama_resting"
    ja = "Ollama（{base_url}）への接続が続けて失敗したため、{rest_s:.0f} 秒ほど接続を控えます。Ollama が動いているか確認してください。"
    en = "Connecting to Ollama at {base_url} failed several times in a row. It is tried again in {rest_s:.0f} s. Check that Ollama is running."


class OllamaTimeoutError(UnavailableError):
    """It took longer than allowed to say anything."""

    code = "ollama_timeout"
    ja = "Ollama（{base_url}）から {timeout_s:.0f} 秒間応答がありません。負荷が下がってからもう一度試すか、Ollama を再起動してください。"
    en = "Ollama at {base_url} sent nothing for {timeout_s:.0f} s. Try again when it is less busy, or restart it."


class OllamaFailedError(UnavailableError):
    """It answered with an error of its own."""

    code = "ollama_failed"
    ja = "Ollama（{base_url}）がエラーを返しました（{reason}）。Ollama のログを確認してください。"
    en = "Ollama at {base_url} returned an error ({reason}). Check the log of Ollama."


class OllamaBrokenAnswerError(UnavailableError):
    """It broke off, or answered in another form than it should."""

    code = "ollama_answer_broken"
    ja = "Ollama（{base_url}）の応答が途中で切れたか、壊れています（{reason}）。もう一度実行してください。"
    en = "The response of Ollama at {base_url} broke off or is malformed ({reason}). Try again."


class OllamaRefusedError(InvalidInputError):
    """It does not accept what it was asked for."""

    code = "ollama_refused"
    ja = "Ollama がリクエストを受け付けません（{reason}）。モデルの名前と設定を確認してください。"
    en = "Ollama rejects the request ({reason}). Check the name of the model and the settings."


class OllamaTakesNoAdaptersError(OllamaRefusedError):
    """This version of Ollama registers no adapters any more."""

    code = "ollama_takes_no_adapters"
    ja = "このバージョンの Ollama には、アダプターを登録できません（{reason}）。route を auto か merged にして、結合したモデルを登録してください。"
    en = "This version of Ollama cannot register adapters ({reason}). Set route to auto or merged to register one merged model."


class OllamaQuantisesNotError(OllamaRefusedError):
    """This version does not quantise, or not to what was asked for. The words are those of any refusal."""

    code = "ollama_quantises_not"


class OllamaModelMissingError(NotFoundError):
    """It has no model of that name."""

    code = "ollama_model_missing"
    ja = "Ollama に {name} がありません。モデルのページで取得するか、ollama pull {name} を実行してください。"
    en = "Ollama has no model {name}. Pull it on the Models page, or run ollama pull {name}."


class OllamaTunedModelMissingError(OllamaModelMissingError):
    """A model that was registered from here is gone; no library has it."""

    code = "ollama_tuned_model_missing"
    ja = "学習したモデル {name} が Ollama から削除されています。モデルのページで登録し直してください。"
    en = "The tuned model {name} was deleted from Ollama. Register it again on the Models page."


class OllamaTunedModelChangedError(ConflictError):
    """Under the name of a model that was registered from here stands something else."""

    code = "ollama_tuned_model_changed"
    ja = "Ollama の {name} は、登録して検査したときのものと違います（{what_ja}）。同じ名前で別のモデルが登録された可能性があります。モデルのページで登録し直してください。"
    en = "{name} in Ollama is not the model that was registered and checked ({what_en}). Another model may have been registered under this name. Register it again on the Models page."


class OllamaJudgedModelChangedError(ConflictError):
    """What was judged, or the name it was given, changed before the job was done."""

    code = "ollama_judged_model_changed"
    ja = "{name} が、検査の途中か直後に別のプログラムによって変更されました。同じ名前を使うプログラムを止めて、ジョブをもう一度実行してください。"
    en = "Another program changed {name} during the checks or just after. Stop the program that uses the same name, and run the job again."


class OllamaJudgedModelGoneError(NotFoundError):
    """What was judged is no longer in Ollama."""

    code = "ollama_judged_model_gone"
    ja = "検査した {name} は、もう Ollama にありません。登録し直してください。"
    en = "The checked model {name} is no longer in Ollama. Register it again."


class OllamaBlobGoneError(NotFoundError):
    """It knows the model, but files of it are gone from its store."""

    code = "ollama_blob_gone"
    ja = "Ollama の保存場所に、{name} の重みのファイルがありません。学習したモデルなら登録し直し、そうでなければ取得し直してください。"
    en = "Files of {name} are missing from the storage of Ollama. If it is a tuned model, register it again; otherwise pull it again."


class OllamaPullFailedError(NotFoundError):
    """It could not bring the model."""

    code = "ollama_pull_failed"
    ja = "Ollama が {name} を取得できませんでした（{reason}）。名前と、Ollama のネットワーク接続を確認してください。"
    en = "Ollama could not pull {name} ({reason}). Check the name and the network connection of Ollama."


class OllamaDiskFullError(InvalidInputError):
    """Its disk has no room."""

    code = "ollama_disk_full"
    ja = "Ollama のディスクの空きが足りません（{reason}）。使わないモデルを削除してから、もう一度実行してください。"
    en = "The disk of Ollama is full ({reason}). Delete models you do not use, and try again."


class OllamaWeightsError(InvalidInputError):
    """The weights of a model are not to be had from here. `instead_…`: where the same model is, when that is known."""

    def __init__(self, **facts: object) -> None:
        super().__init__(**{"instead_ja": "", "instead_en": ""} | facts)


class OllamaStoreMissingError(OllamaWeightsError):
    """Its directory of models cannot be read from here."""

    code = "ollama_store_missing"
    ja = "Ollama のモデルの保存場所が見つかりません（{places}）。OLLAMA_MODELS にその場所を設定してください（Docker では読み取り専用でマウントします）。{instead_ja}"
    en = "The directory where Ollama keeps its models was not found ({places}). Set OLLAMA_MODELS to it (in Docker, mount it read-only).{instead_en}"


class OllamaBlobUnreadableError(OllamaWeightsError):
    """The weights of a model cannot be read, or are not what their name says."""

    code = "ollama_blob_unreadable"
    ja = "{name} の重み（{path}）を使えません（{reason_ja}）。{instead_ja}"
    en = "The weights of {name} ({path}) cannot be used ({reason_en}).{instead_en}"


class OllamaTagMovedError(ConflictError):
    """The tag means other weights by now."""

    code = "ollama_tag_moved"
    ja = "{name} の重みが変わりました（指定: {wanted}、現在: {found}）。新しい重みで学習するには、ollama:{name} を選び直してください。"
    en = "The weights of {name} have changed (wanted {wanted}, found {found}). To train on the new weights, choose ollama:{name} again."


class OllamaTagTakenError(ConflictError):
    """A model of that name exists, and it is not the one that would be replaced."""

    code = "ollama_tag_taken"
    ja = "Ollama での名前 {name} は、別のモデルがすでに使っています。別の名前にするか、置き換えを選んでください（replace: true）。"
    en = "The name {name} is already used by another model in Ollama. Choose another name, or replace it (replace: true)."
