#!/usr/bin/env bash
# Makes docs/images/report.png again: a generated walk, reviewed, and its page photographed by a headless Chromium.
# Usage: docs/images/report.sh [SURAE], from the root of the repository; SURAE is the binary (default: built here).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
surae=${1:-}
if [ -z "$surae" ]; then
  cargo build -p surae --no-default-features
  surae=${CARGO_TARGET_DIR:-target}/debug/surae
fi
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$surae" generate "$folder/walk.csv" --scenario walk --seed 7 >/dev/null
"$surae" review "$folder/walk.csv" --profile "$folder/walk.profile.toml" --out "$folder" --format html >/dev/null
"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1120,1480 \
  --screenshot="$PWD/docs/images/report.png" "file://$folder/walk.html" 2>/dev/null
