# The server in a container. Two targets:
#   docker build --target cpu  -t serve .
#   docker build --target cuda -t serve:cuda .      (ONNX Runtime for CUDA 13 and cuDNN 9)
#   docker run -v serve-workspace:/workspace serve keys create admin --role administrator          (once: prints the key that requests need)
#   docker run -p 8080:8080 -v $PWD/data:/data -v serve-workspace:/workspace serve
# or for this machine alone, without keys: docker run -p 127.0.0.1:8080:8080 -e SERVE__ACCESS__MODE=open serve
# The image holds the server and the bundled models; no training library.

ARG CPU_BASE=ubuntu:24.04
ARG CUDA_BASE=nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04

FROM ubuntu:24.04 AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends dotnet-sdk-10.0 ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/Eval src/Eval
COPY src/Inference src/Inference
COPY src/Api src/Api

FROM build AS publish-cpu
RUN dotnet publish src/Api/Api.csproj -c Release -p:Accelerator=cpu -o /app

FROM build AS publish-cuda
RUN dotnet publish src/Api/Api.csproj -c Release -p:Accelerator=cuda -o /app

FROM ${CPU_BASE} AS cpu
RUN apt-get update \
    && apt-get install -y --no-install-recommends aspnetcore-runtime-10.0 curl libturbojpeg \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home serve \
    && mkdir /data /workspace && chown serve /data /workspace
COPY --from=publish-cpu /app /app
COPY models /models
ENV MALLOC_ARENA_MAX=2
USER serve
EXPOSE 8080
VOLUME ["/data", "/workspace"]
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s CMD curl -fsS http://127.0.0.1:8080/health/live || exit 1
ENTRYPOINT ["dotnet", "/app/Serve.Api.dll", "--urls", "http://0.0.0.0:8080", "--models", "/models", "--data", "/data", "--workspace", "/workspace", "--device", "cpu"]

FROM ${CUDA_BASE} AS cuda
RUN apt-get update \
    && apt-get install -y --no-install-recommends aspnetcore-runtime-10.0 curl libturbojpeg \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home serve \
    && mkdir /data /workspace && chown serve /data /workspace
COPY --from=publish-cuda /app /app
COPY models /models
ENV MALLOC_ARENA_MAX=2
USER serve
EXPOSE 8080
VOLUME ["/data", "/workspace"]
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s CMD curl -fsS http://127.0.0.1:8080/health/live || exit 1
ENTRYPOINT ["dotnet", "/app/Serve.Api.dll", "--urls", "http://0.0.0.0:8080", "--models", "/models", "--data", "/data", "--workspace", "/workspace", "--device", "cuda"]
