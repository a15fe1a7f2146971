"""The remote commands of `innkeeper`. (Being written now, with innkeeper_client, by a developer of its own.)"""
