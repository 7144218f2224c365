# Flower, for the tasks of one service; it holds nothing of ours but how it is started.
FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements/flower.txt requirements/
RUN python -m venv /venv && pip install --no-cache-dir --require-hashes -r requirements/flower.txt && useradd --system --uid 900 doorstep
COPY docker/monitoring/flower_app.py ./
USER doorstep
EXPOSE 5555
ENV RABBITMQ_CA_FILE=/keys/ca.pem FLOWER_PASSWORD_FILE=/keys/password FLOWER_CERTIFICATE_FILE=/keys/own.pem
CMD ["python", "flower_app.py"]
