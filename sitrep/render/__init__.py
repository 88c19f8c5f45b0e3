"""Views become bytes by templates. Templates see only `page` and `site`; content is never used as a template."""
