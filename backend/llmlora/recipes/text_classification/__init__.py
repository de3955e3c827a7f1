"""Classification of texts by an encoder with a head."""
