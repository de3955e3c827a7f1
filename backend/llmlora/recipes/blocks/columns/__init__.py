"""Models that predict from the columns of a table: read from files, exported, asked. Free of torch but for what skops loads."""
