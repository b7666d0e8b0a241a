# The mock as an image: docker build -t tracepass-mock . && docker run --rm -p 127.0.0.1:4747:4747 tracepass-mock
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/mock
COPY runtime.lock ./
RUN /opt/mock/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY spec spec
COPY mockserver mockserver
COPY contract_tests contract_tests
COPY fixtures fixtures
RUN /opt/mock/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps . \
    && /opt/mock/bin/pip uninstall --yes pip

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home mock && install -d -o mock /state
COPY --from=build /opt/mock /opt/mock
USER mock
ENV PATH=/opt/mock/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# Other containers reach it, so the control plane asks for a token: the one that is printed at start, or
# TRACEPASS_MOCK_CONTROL_TOKEN.
ENV TRACEPASS_MOCK_HOST=0.0.0.0 TRACEPASS_MOCK_PORT=4747
EXPOSE 4747
VOLUME /state
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['TRACEPASS_MOCK_PORT'] + '/_mock/health', timeout=2)"]
ENTRYPOINT ["tracepass-mock"]
CMD ["serve"]
