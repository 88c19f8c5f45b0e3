"""The preview server, and the watch that it shares with `sitrep build --watch`.

`watch` says which files have changed; `builder` builds in a process of its own, and makes first what is asked for of
what takes long; `generations` keeps one build apart from the next; `app` serves it; `server` holds these together.
"""
