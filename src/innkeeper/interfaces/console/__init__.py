"""The web console: server-rendered pages over plain links and forms, quicker with a little JavaScript."""
