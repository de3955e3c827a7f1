"""Arrow's values as the file's author wrote them: without the nulls that Arrow filled in, floats as short as they are."""

from typing import Any

import numpy as np
import pyarrow as pa

from llmlora.data.written import WrittenNumber


def value_of(value: Any, type_: pa.DataType) -> Any:
    """A Python value of `to_pylist`.

    All structs of a column have the same keys, those that a row did not have with null: such keys go. (A null that the
    author meant cannot be told from them; in JSON text it stays.) A float of 32 bits is the shortest text that means it.
    """
    if value is None:
        return None
    if pa.types.is_struct(type_):
        fields = [type_.field(i) for i in range(type_.num_fields)]
        named = ((field.name, value_of(value.get(field.name), field.type)) for field in fields)
        return {name: item for name, item in named if item is not None}
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return [value_of(item, type_.value_type) for item in value]
    if pa.types.is_map(type_):
        return {str(key): value_of(item, type_.item_type) for key, item in value}
    if pa.types.is_float32(type_) or pa.types.is_float16(type_):
        return _short(value, np.float32 if pa.types.is_float32(type_) else np.float16)
    return value


def _short(value: float, kind: Any) -> float:
    number = kind(value)
    return (
        WrittenNumber(np.format_float_positional(number, trim="0")) if np.isfinite(number) else float(value)
    )
