# Every node of the Ray cluster: the renderer and its tasks, without the web. Build from the root of the checkout:
#   docker build -f docker/worker.Dockerfile -t reelgrove-worker:0.1.0-ray2.60.0 .
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
COPY requirements.lock docker/worker-requirements.txt /tmp/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --only-binary :all: \
    -r /tmp/worker-requirements.txt -c /tmp/requirements.lock

FROM ${PYTHON_IMAGE}
# Unpinned on purpose: the stable release's own security updates are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-color-emoji libfribidi0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --create-home reelgrove \
 && install -d -o reelgrove -g reelgrove /var/lib/reelgrove
COPY --from=packages /opt/venv /opt/venv
COPY render_core /app/render_core
COPY cluster /app/cluster
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
CMD ["python", "-c", "import cluster.runtime"]
