"""Parts that pages of several kinds share: functions of a page context that return parts of views."""
