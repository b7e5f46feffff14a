# syntax=docker/dockerfile:1
# The front ends, the models and the binary are made apart and put together on a small base.

FROM node:22-bookworm-slim AS front
WORKDIR /src
COPY crates/creator-hub/openapi.json crates/creator-hub/openapi.json
COPY crates/creator-hub/portal crates/creator-hub/portal
COPY crates/channels/widget crates/channels/widget
RUN for app in crates/creator-hub/portal crates/channels/widget; do \
      npm --prefix $app ci --no-audit --no-fund && npm --prefix $app run build || exit 1; \
    done

FROM python:3.12-slim-bookworm AS models
WORKDIR /src
COPY models models
RUN python3 models/fetch.py

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
COPY --from=front /src/crates/creator-hub/portal/dist crates/creator-hub/portal/dist
COPY --from=front /src/crates/channels/widget/dist crates/channels/widget/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin coxswain && cp target/release/coxswain /coxswain

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libstdc++6 curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/coxswain coxswain
COPY --from=build /coxswain /usr/local/bin/coxswain
COPY --from=models /src/models/dist /usr/share/coxswain/models
ENV COXSWAIN__DATA_DIR=/var/lib/coxswain \
    COXSWAIN__SERVER__LISTEN=0.0.0.0:8080 \
    COXSWAIN__EMBEDDING__MODELS_DIR=/usr/share/coxswain/models \
    COXSWAIN__LOG__FORMAT=json
USER coxswain
VOLUME /var/lib/coxswain
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD curl -fsS http://127.0.0.1:8080/readyz || exit 1
ENTRYPOINT ["coxswain"]
CMD ["serve"]
