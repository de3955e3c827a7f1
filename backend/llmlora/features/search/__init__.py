"""Search: things by their names, tags and notes, chats also by what was said in them."""
