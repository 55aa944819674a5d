"""The page for people: HTML from the same parts that the API uses."""
