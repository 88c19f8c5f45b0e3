"""The preview server and its build process. It shows complete builds; what is on a page is not decided here."""
