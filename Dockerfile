FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --quiet --wheel-dir /wheels .

FROM python:3.12-slim
COPY --from=build /wheels /wheels
RUN pip install --quiet --no-index --find-links /wheels tochain && rm -r /wheels
WORKDIR /repo
USER nobody
ENTRYPOINT ["tochain"]
CMD ["check", "."]
