"""fix/: findings get the edits that repair them, made on concrete syntax; and files get written. Loads libcst."""
