"""The words of the interface, in the site's language. Content is never translated here."""
