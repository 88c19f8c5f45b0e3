"""What pages of several kinds are made of. Functions of a page context that return parts of views."""
