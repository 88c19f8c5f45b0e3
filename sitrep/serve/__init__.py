"""The preview server and its build process. It serves complete builds; what is on a page is decided elsewhere."""
