"""Names, tags and notes: what people keep order by, alike for all that they collect."""
