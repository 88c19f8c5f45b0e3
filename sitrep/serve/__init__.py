"""The preview server, and the watch that it shares with `sitrep build --watch`.

`watch` says which files have changed; `builder` builds in a process of its own; `generations` keeps one complete build
apart from the next; `app` serves it; `server` holds these together.
"""
