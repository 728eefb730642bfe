#!/bin/sh
# Writes the two lock files anew: what an instance runs on, and what its tests need besides. Run by `make lock`.
# Hashes of every wheel of every platform, so that one file serves all; no index is named in them.
set -eu
compile="uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet"
note="# Written by \`make lock\`; not to be edited by hand."
$compile "$@" --extra postgres --output-file deploy/requirements.lock >/dev/null
$compile "$@" --extra postgres --group test --group e2e --group lint --constraint deploy/requirements.lock \
  --output-file deploy/requirements-dev.lock >/dev/null
for file in deploy/requirements.lock deploy/requirements-dev.lock; do
  { echo "$note"; grep -v '^#' "$file"; } > "$file.new" && mv "$file.new" "$file"
done
