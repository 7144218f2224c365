"""What the services on strawberry share: the schema's manners, the HTTP view, pages, typed addresses."""
