"""The output folder, and what is looked at before anything leaves. The only folder that writes a site."""
