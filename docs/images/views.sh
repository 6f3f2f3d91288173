#!/bin/sh
# Makes the pictures of the views from the bundled synthetic walk. Run from the repository root, under xvfb-run where there is
# no display: xvfb-run -a -s "-screen 0 1600x1000x24" docs/images/views.sh
set -eu
export LIBGL_ALWAYS_SOFTWARE=1
cargo build
surae=${CARGO_TARGET_DIR:-target}/debug/surae
"$surae" dashboard --demo walk --view lab --after 14 --screenshot docs/images/dashboard.png
"$surae" dashboard --demo walk --view review --after 2 --screenshot docs/images/review.png
"$surae" dashboard --demo walk --view coach --after 2 --screenshot docs/images/coach.png
