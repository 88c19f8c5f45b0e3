"""The preview server and its build process. It shows the last complete build; nothing here decides what is on a page."""
