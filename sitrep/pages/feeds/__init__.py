"""Files beside pages: feeds, calendars, sitemaps, JSON, images. They are built from the same views as the pages."""
