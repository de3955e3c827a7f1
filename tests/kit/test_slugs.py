"""Names that programs write keep what people wrote, as far as the name's readers can read it."""

import pytest

from llmlora.kit.slugs import slug


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("顧客窓口 2024/春", "顧客窓口-2024-春"),
        ("ｶｽﾀﾏｰ_Desk", "カスタマー-desk"),
        ("Größe", "größe"),
        ("🗾", "model"),
        ("\u202egnp", "gnp"),
    ],
)
def test_letters_of_every_script_stay_where_they_may(words: str, kept: str) -> None:
    assert slug(words, longest=40, nameless="model", any_script=True) == kept
