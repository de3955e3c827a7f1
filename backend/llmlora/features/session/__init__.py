"""A browser's session: the token, once shown, kept in a cookie that no script can read."""
