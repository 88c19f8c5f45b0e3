"""The way in: raw reports become articles with sidecars. Nothing existing is ever overwritten."""
