"""The catalogue: which documents there are, how far each has come; tables, migrations, database."""
