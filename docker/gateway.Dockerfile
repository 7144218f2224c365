# The federating gateway; holds gateway_graphql, the built application, and nothing else of ours.
FROM node:24-slim AS application
WORKDIR /frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY frontend ./
RUN npx vite build

FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/strawberry.txt requirements/
RUN python -m venv /venv && pip install --no-cache-dir --require-hashes -r requirements/strawberry.txt && useradd --system --uid 900 doorstep
COPY gateway_graphql gateway_graphql
COPY docker/graph.yaml graph.yaml
COPY docker/rest rest
COPY --from=application /frontend/dist application
ENV APPLICATION_FOLDER=application
USER doorstep
EXPOSE 8000
CMD ["python", "-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--host", "0.0.0.0", "--port", "8000"]
