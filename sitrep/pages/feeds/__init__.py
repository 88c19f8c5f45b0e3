"""The files beside pages: feeds, calendars, sitemaps, JSON, images. Made of the same views as the pages."""
