"""What has no domain words: clock, ids, paging."""
