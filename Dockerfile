# One image for every process of an office; docker-compose.yml says which runs where.
FROM python:3.11-slim AS build
WORKDIR /srv/kaochang
COPY . .
RUN python -m tools build && rm -rf .local frontend/node_modules

FROM python:3.11-slim
WORKDIR /srv/kaochang
COPY --from=build /srv/kaochang .
RUN useradd --system --uid 900 kaochang && install -d -o kaochang data
ENV PATH=/srv/kaochang/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KAOCHANG_DATA_FOLDER=/srv/kaochang/data
USER kaochang
CMD ["python", "-m", "exam.processes", "--only", "web", "--host", "0.0.0.0"]
