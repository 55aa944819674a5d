# The service, for CPUs. With an NVIDIA GPU (and its container toolkit):
#   docker build --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 .
FROM python:3.11-slim-bookworm AS builder
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/vdr
ENV PATH=/opt/vdr/bin:$PATH
WORKDIR /src
COPY constraints.txt ./
# The index's last part names the build (cpu, cu130): asking for it by name, pip cannot take another from PyPI.
RUN pip install --extra-index-url "$TORCH_INDEX" -c constraints.txt \
    "torch==$(sed -n 's/^torch==//p' constraints.txt)+${TORCH_INDEX##*/}"
COPY pyproject.toml README.md LICENSE ./
COPY vdr ./vdr
COPY indexer ./indexer
COPY app ./app
COPY training ./training
COPY samples ./samples
RUN pip install -c constraints.txt .

FROM python:3.11-slim-bookworm
# The fonts stand in for those that a PDF does not bring along; tesseract is for VDR_OCR.
RUN apt-get update \
    && apt-get install -y --no-install-recommends poppler-utils poppler-data fonts-dejavu-core fonts-liberation \
        tesseract-ocr \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --user-group --uid 10001 --home-dir /data --shell /usr/sbin/nologin vdr \
    && install -d -o vdr -g vdr /data
COPY --from=builder /opt/vdr /opt/vdr
ENV PATH=/opt/vdr/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HF_HOME=/data/hub \
    VDR_DATA_DIR=/data \
    VDR_HOST=0.0.0.0 \
    VDR_PORT=8000
USER vdr
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Loading a large checkpoint takes its time; the start period lets it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['VDR_PORT']}/readyz\", timeout=4)"]
CMD ["vdr", "serve"]
