"""flow/: syntax to meaning: kinds of value, what torch calls return, the interpreter, the events it emits."""
