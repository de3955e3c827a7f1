"""Describes the kinds of data that this studio knows."""

from llmlora.data.kinds.protocol import DataKind, Family
from llmlora.data.kinds.registry import families, kinds_with_tokens
from llmlora.features.kinds.schemas import KindOut, LayoutOut
from llmlora.features.recipes.schemas import Words


def list_kinds() -> list[KindOut]:
    """Every kind, in the order in which its family lists them."""
    return [_described(kind, family) for family in families() for kind in family.kinds]


def _described(kind: DataKind, family: Family) -> KindOut:
    ja, en = kind.words
    return KindOut(
        name=kind.name,
        title=Words(ja=ja, en=en),
        has_tokens=kind.name in kinds_with_tokens(),
        media=sorted(kind.media),
        layouts=[
            LayoutOut(required=list(one.required), optional=list(one.optional))
            for one in family.layouts
            if one.kind is kind
        ],
    )
