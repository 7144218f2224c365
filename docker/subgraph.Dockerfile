# One subgraph. SERVICE names it, ENVIRONMENT its lock (strawberry or graphene); holds its folder and the chassis.
FROM python:3.13-slim
ARG ENVIRONMENT=strawberry
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/${ENVIRONMENT}.txt requirements/
RUN python -m venv /venv && pip install --no-cache-dir --require-hashes -r requirements/${ENVIRONMENT}.txt && useradd --system --uid 900 doorstep && install -d -o doorstep /home/doorstep
ARG SERVICE
ENV SERVICE=${SERVICE}
COPY subgraphs/__init__.py subgraphs/
COPY subgraphs/chassis subgraphs/chassis
COPY subgraphs/chassis_graphene subgraphs/chassis_graphene
COPY subgraphs/chassis_strawberry subgraphs/chassis_strawberry
COPY subgraphs/${SERVICE} subgraphs/${SERVICE}
USER doorstep
EXPOSE 8000 8443
CMD ["sh", "-c", "exec python -m subgraphs.$SERVICE serve --host 0.0.0.0 --port 8000 --open-port 8443"]
