"""Views become bytes by templates. Templates see `page` and `site` alone; content is never a template."""
