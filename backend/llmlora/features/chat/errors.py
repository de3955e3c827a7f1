"""Why a conversation cannot go on."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError


class ModelNotFoundError(NotFoundError):
    """Neither a deployment nor a base model has this name."""

    code = "model_not_found"
    ja = "モデル「{name}」はありません。使えるモデル: {known}"
    en = "There is no model “{name}”. Available: {known}"


class ModelNotReadyError(ConflictError):
    """The deployment's gates are not green."""

    code = "model_not_ready"
    ja = "モデル「{name}」は{state}のため、使えません。検査が終わるのを待つか、モデルのページで確認してください。"
    en = "The model “{name}” cannot be used: it is {state}. Wait until its checks end, or see it on the Models page."


class BaseModelNotServableError(ConflictError):
    """llama.cpp has no file of this base model."""

    code = "base_model_without_gguf"
    ja = "ベースモデル「{name}」には GGUF がないため会話できません。先に GGUF に変換するか、学習したアダプターをデプロイしてください。"
    en = "The base model “{name}” has no GGUF, so chat is not possible. Convert it to GGUF first, or deploy an adapter trained on it."


class ChatSessionNotFoundError(NotFoundError):
    """There is no conversation with this id."""

    code = "chat_session_not_found"
    ja = "会話 {id} はありません。削除された可能性があります。新しい会話を始めてください。"
    en = "There is no conversation {id}. It may have been deleted. Start a new one."


class ChatMessageNotFoundError(NotFoundError):
    """The conversation has no question at this position."""

    code = "chat_message_not_found"
    ja = "この会話の {position} 番目に質問はありません。質問の position を指定してください。"
    en = "This conversation has no question at position {position}. Specify the position of a question."


class QuestionReplacedError(ConflictError):
    """The question was edited or deleted while it was being answered."""

    code = "chat_question_replaced"
    ja = "回答の途中で質問が書き換えられたか削除されたため、この回答は保存していません。"
    en = "The question was edited or deleted while it was being answered, so this answer was not kept."


class SameModelTwiceError(InvalidInputError):
    """A comparison needs two different models."""

    code = "same_model_twice"
    ja = "同じモデル「{name}」が 2 回指定されています。別のモデルを選んでください。"
    en = "The model “{name}” is named twice. Choose another one to compare it with."
