"""Operations as REST endpoints: a page that lists them, an OpenAPI document made of it, and who answers them."""
