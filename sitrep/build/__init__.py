"""The steps that make a site of a project, in order. `build.py` is the whole story; every build is this one."""
