# Two stages: what builds stays behind. The image runs as an ordinary user and writes nothing.

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /venv
COPY requirements/base.txt requirements/base.txt
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    -r requirements/base.txt
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY application application
COPY adapters adapters
COPY entrypoints entrypoints
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps \
    --no-build-isolation .

FROM python:3.11-slim
RUN groupadd --system --gid 10001 daler \
    && useradd --system --uid 10001 --gid daler --no-create-home --shell /usr/sbin/nologin daler
COPY --from=build /venv /venv
ENV PATH="/venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DALER_HOST=0.0.0.0 \
    DALER_PORT=8000
USER daler
WORKDIR /tmp
EXPOSE 8000
# For `serve`. A worker or scheduler says `healthcheck: disable`: it does not listen.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"DALER_PORT\"]}/health/live', timeout=2)"]
ENTRYPOINT ["daler"]
CMD ["serve"]
