# Each recipe is a step of `.ci/run`, which needs no just.
# `cargo install just --version 1.53.0 --locked`

# Lists the recipes
default:
    @just --list

# Lock files, format and clippy, with all features, the default and each alone
check:
    .ci/run check

# All tests, the relay's included, with all features, the default and each alone
test:
    .ci/run test

# The relay with a real Prometheus and a real OpenTelemetry collector
monitoring:
    .ci/run monitoring

# The relay's page in Chromium
page:
    .ci/run page

# Writes the pictures of the relay's README
screenshots:
    .ci/run screenshots

# Three relays with HAProxy, nginx and Envoy, and one behind nginx
fleet:
    .ci/run fleet

# The documentation, without a warning
docs:
    .ci/run docs

# Writes CONVENTIONS.md from the vendors' table
tables:
    .ci/run tables

# All that CI runs: check, test, fuzz, limits, docs, licenses, examples, monitoring, page and fleet
gate:
    .ci/run
