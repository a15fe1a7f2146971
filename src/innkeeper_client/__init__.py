"""The typed client of the Innkeeper API. (Being written now, with interfaces/cli, by a developer of its own.)"""
