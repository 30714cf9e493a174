"""A release: what may be published, as files with their hashes; `write` is for `build`, reading is for `engine`."""

from paylens.release.read import Release, default_path, open_release, verify

__all__ = ["Release", "default_path", "open_release", "verify"]
