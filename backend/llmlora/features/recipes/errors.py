"""What can be wrong with a recipe's name, its settings or the data it is given."""

from llmlora.kit.errors import InvalidInputError, NotFoundError


class ConfigInvalidError(InvalidInputError):
    """A recipe's config breaks a bound or names an unknown setting."""

    code = "config_invalid"
    ja = "設定が正しくありません。{problems_ja}"
    en = "The settings are not valid. {problems_en}"


class RecipeRefusesKindError(InvalidInputError):
    """The recipe does not take this kind of data set."""

    code = "recipe_refuses_kind"
    ja = "レシピ「{recipe}」では、{kind}のデータを使えません。使える種類: {known}"
    en = "The recipe “{recipe}” cannot use data of the kind {kind}. It can use: {known}"


class RecipeNotFoundError(NotFoundError):
    """No recipe has that name."""

    code = "recipe_not_found"
    ja = "レシピ {recipe} はありません。使えるもの: {known}"
    en = "There is no recipe {recipe}. Available: {known}"
