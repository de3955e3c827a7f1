"""The manual: Markdown of `docs/{ja,en}`, built into a site that opens from a disk."""
