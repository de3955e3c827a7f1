"""Why something cannot be named or tagged so."""

from llmlora.kit.errors import ConflictError, InvalidInputError, NotFoundError


class ThingNotFoundError(NotFoundError):
    """Nothing of that kind has this id."""

    code = "thing_not_found"
    ja = "{what} {id} はありません。一覧で確認してください。"
    en = "There is no {what} {id}. Check the list."


class NameFixedError(ConflictError):
    """Others find it by its name."""

    code = "name_fixed"
    ja = "{name} の名前は変更できません。会話、ジョブ、API の呼び出しなどがこの名前で{what}を指定しています。代わりにタグかメモを使ってください。"
    en = (
        "The name of {name} cannot be changed: chats, jobs or calls of the API find the {what} by it. "
        "Use a tag or a note instead."
    )


class TooManyTagsError(InvalidInputError):
    """More tags than a list can show."""

    code = "too_many_tags"
    ja = "{name} のタグが {limit} 個を超えます。使わないタグを外してください。"
    en = "{name} would have more than {limit} tags. Remove those that are not used."
