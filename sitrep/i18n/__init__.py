"""The words of the interface, in the language of the site. Content is never translated here."""
