# Everything that happens in the background; holds workers and nothing else of ours.
FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/strawberry.txt requirements/
RUN python -m venv /venv && pip install --no-cache-dir --require-hashes -r requirements/strawberry.txt && useradd --system --uid 900 --create-home doorstep
COPY workers workers
USER doorstep
CMD ["python", "-m", "workers.outbox_relay"]
