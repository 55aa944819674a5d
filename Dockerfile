# The service, for CPUs. With an NVIDIA GPU (and its container toolkit):
#   docker build --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 .
# EXTRAS are those of pyproject.toml to install, by default what the models of docs/models.md and MCP need; empty: none.
# Layers are in the order in which their causes change: torch, other dependencies, and last the program.
FROM python:3.11-slim-bookworm AS requirements
ARG EXTRAS="qwen mcp"
COPY pyproject.toml ./
# A file of its own: whatever else changes in pyproject.toml, what is installed stays.
RUN python -c "import os, tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
extras = [project['optional-dependencies'][name] for name in os.environ['EXTRAS'].split()]; \
print(*sum(extras, project['dependencies']), sep='\n')" > /requirements.txt

FROM python:3.11-slim-bookworm AS dependencies
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/vdr && python -m venv /opt/build
WORKDIR /src
COPY constraints.txt ./
# The index's last part names the build (cpu, cu130): asking for it by name, pip cannot take another from PyPI.
RUN index="${TORCH_INDEX%/}" \
    && sed "s/^\(torch\|torchvision\)==.*/&+${index##*/}/" constraints.txt > builds.txt \
    && /opt/vdr/bin/pip install --extra-index-url "$index" -c builds.txt torch
COPY --from=requirements /requirements.txt ./
RUN /opt/vdr/bin/pip install --extra-index-url "${TORCH_INDEX%/}" -c builds.txt -r requirements.txt \
    && /opt/build/bin/pip install -c constraints.txt hatchling

FROM dependencies AS program
COPY pyproject.toml README.md LICENSE ./
COPY vdr ./vdr
COPY indexer ./indexer
COPY app ./app
COPY training ./training
COPY samples ./samples
# Into a folder of its own, so that a change of the program costs no copy of its dependencies.
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/vdr/bin/pip install --no-deps --no-index --prefix /opt/program /wheels/*.whl

FROM python:3.11-slim-bookworm
# The fonts stand in for those that a PDF does not bring along; tesseract is for VDR_OCR.
RUN apt-get update \
    && apt-get install -y --no-install-recommends poppler-utils poppler-data fonts-dejavu-core fonts-liberation \
        tesseract-ocr \
    && rm -rf /var/lib/apt/lists/*
# One user and group id whatever the base image has: folders mounted at /data must belong to 10001:10001.
RUN groupadd --gid 10001 vdr \
    && useradd --uid 10001 --gid vdr --no-create-home --home-dir /data --shell /usr/sbin/nologin vdr \
    && install -d -o vdr -g vdr /data
ENV PATH=/opt/vdr/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HF_HOME=/data/hub \
    VDR_DATA_DIR=/data \
    VDR_HOST=0.0.0.0 \
    VDR_PORT=8000
COPY --from=dependencies /opt/vdr /opt/vdr
COPY --from=program /opt/program /opt/vdr
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Asked often, as only the newest engines ask more often while it starts. Loading a large checkpoint takes its time.
HEALTHCHECK --interval=5s --timeout=5s --start-period=120s --retries=6 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['VDR_PORT']}/readyz\", timeout=4)"]
CMD ["vdr", "serve"]
