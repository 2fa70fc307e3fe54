# One image for every process of an office; docker-compose.yml says which runs where.
FROM python:3.11-slim AS build
WORKDIR /srv/kaochang
COPY . .
# Texts are compiled here: the running image writes nothing but data.
RUN python -m tools build \
    && .venv/bin/python -m tools.texts compile \
    && rm -rf .local frontend/node_modules tests benchmarks

FROM python:3.11-slim
WORKDIR /srv/kaochang
COPY --from=build /srv/kaochang .
RUN useradd --system --uid 900 kaochang && install -d -o kaochang -m 0700 data
ENV PATH=/srv/kaochang/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KAOCHANG_DATA_FOLDER=/srv/kaochang/data
USER kaochang
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-m", "exam.processes.alive", "8000"]
CMD ["python", "-m", "exam.processes", "--only", "web", "--host", "0.0.0.0"]
