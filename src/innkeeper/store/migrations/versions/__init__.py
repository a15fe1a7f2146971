"""One file a version; add first, remove a release later."""
