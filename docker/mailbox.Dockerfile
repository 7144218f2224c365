# The mailbox of development: takes every letter, delivers none, shows them on a page.
FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/strawberry.txt requirements/
RUN python -m venv /venv && pip install --no-cache-dir --require-hashes -r requirements/strawberry.txt && useradd --system --uid 900 --create-home doorstep
COPY docker/local/mailbox docker/local/mailbox
USER doorstep
EXPOSE 8025 8026
CMD ["python", "-m", "docker.local.mailbox", "--host", "0.0.0.0", "--smtp-port", "8025", "--http-port", "8026", "--folder", "/home/doorstep/letters"]
