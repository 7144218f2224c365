# The federating gateway; holds gateway_graphql and nothing else of ours.
FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/strawberry.txt requirements/
RUN python -m venv /venv && pip install --no-cache-dir --require-hashes -r requirements/strawberry.txt && useradd --system --uid 900 doorstep
COPY gateway_graphql gateway_graphql
COPY docker/graph.yaml graph.yaml
COPY docker/rest rest
USER doorstep
EXPOSE 8000
CMD ["python", "-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--host", "0.0.0.0", "--port", "8000"]
