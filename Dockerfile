# One image for every role; the command says which: web (the default), a Celery worker, beat, or a
# management command. See compose.yaml.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt requirements-dev.txt ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --only-binary :all: --require-hashes -r requirements.txt
# Babel compiles the translations here and is not needed where they are used
RUN sed -n '/^babel==/,/^    # via/p' requirements-dev.txt > /tmp/babel.txt \
 && python -m venv /opt/tools \
 && /opt/tools/bin/pip install --require-hashes -r /tmp/babel.txt
COPY . .
RUN /opt/tools/bin/python -m launcher translations && rm -r launcher requirements*.txt
# The settings have no defaults for keys and servers. These placeholders live in this one command:
# nothing connects to them, and nothing in the image is made from them.
RUN SECRET_KEY=placeholder JWT_KEY=placeholder FIELD_ENCRYPTION_KEY=placeholder \
    DATABASE_URL=postgres://placeholder/placeholder REDIS_URL=redis://placeholder \
    /opt/venv/bin/python manage.py collectstatic --noinput

FROM python:${PYTHON}-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GRANIAN_HOST=0.0.0.0 GRANIAN_PORT=8000 GRANIAN_WORKERS=2 GRANIAN_WEBSOCKETS=false \
    GRANIAN_BACKPRESSURE=4096 \
    GRANIAN_RESPAWN_FAILED_WORKERS=true \
    CSV_BASE_FOLDER=/srv/csv
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin telemarketing \
 && install -d -o telemarketing -g telemarketing /srv/csv
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER telemarketing
VOLUME /srv/csv
EXPOSE 8000
# requests a host name that ALLOWED_HOSTS accepts; the other roles have checks of their own in compose.yaml
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import http.client as h, os; host = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].lstrip('.').replace('*', 'localhost'); c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health/ready', headers={'Host': host}); raise SystemExit(c.getresponse().status != 200)"]
CMD ["granian", "--interface", "rsgi", "telemarketing.rsgi:application"]
