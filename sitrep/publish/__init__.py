"""The output folder, and the checks before anything is published. The only folder that writes a site."""
