# The whole product: `reelgrove web`, and with another command the dispatcher and the migrations. Build from the root:
#   docker build -f docker/web.Dockerfile -t reelgrove-web:0.1.0-ray2.60.0 .
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
COPY requirements.lock pyproject.toml ./
# What pyproject.toml asks for at run time, in the locked versions; the development pins stay outside.
RUN python -m venv /opt/venv \
 && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
    > /tmp/requirements.txt \
 && /opt/venv/bin/pip install --no-cache-dir --only-binary :all: \
    -r /tmp/requirements.txt setuptools -c requirements.lock
COPY . .
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && /opt/venv/bin/python -m webapp.ui.build \
 && rm -rf .web/node_modules

FROM ${PYTHON_IMAGE}
# Unpinned on purpose: the stable release's own security updates are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-color-emoji libfribidi0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --create-home reelgrove \
 && install -d -o reelgrove -g reelgrove /var/lib/reelgrove
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /app/.web/backend /app/.web/backend
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    REELGROVE_ENV=production REELGROVE_DATA_DIR=/var/lib/reelgrove
WORKDIR /app
USER 10001:10001
EXPOSE 3000
CMD ["reelgrove", "web", "--host", "0.0.0.0"]
