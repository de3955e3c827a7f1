"""A browser's session: begun by showing the token once, kept in a cookie that no script can read, ended by signing out."""
