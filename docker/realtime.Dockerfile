# Live results over WebSocket; holds realtime and nothing else of ours.
FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/strawberry.txt requirements/
RUN python -m venv /venv && pip install --no-cache-dir --require-hashes -r requirements/strawberry.txt && useradd --system --uid 900 doorstep
COPY realtime realtime
USER doorstep
EXPOSE 8000 8443
CMD ["python", "-m", "realtime", "serve", "--host", "0.0.0.0", "--port", "8000", "--open-port", "8443"]
