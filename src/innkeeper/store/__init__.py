"""The only home of SQL: tables, one module per noun, the unit of work, the event log, migrations."""
