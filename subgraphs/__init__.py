"""The services of the graph: each folder a Django project with its own process and database."""
