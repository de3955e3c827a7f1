"""SQLModel tables, one file each. Importing this package registers all of them."""

from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow

__all__ = ["BaseModelRow", "DatasetRow"]
