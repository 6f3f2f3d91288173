#!/bin/sh
# Drives the real window with keys and mouse as a person would: opens a trial, scrubs, changes views, records from an emulated
# board, marks, types a note, stops, reviews the recording, writes the report. Fails where a picture is blank or a file is
# missing or wrong. Needs Xvfb, xdotool and a built `surae` (SURAE names it); pictures go to the folder that is named.
#   docs/images/drive.sh OUT_FOLDER
set -eu
out=$(mkdir -p "${1:?folder for the pictures}" && cd "$1" && pwd)
surae=${SURAE:-${CARGO_TARGET_DIR:-target}/debug/surae}
surae=$(cd "$(dirname "$surae")" && pwd)/$(basename "$surae")
export LIBGL_ALWAYS_SOFTWARE=1 DISPLAY=":${DISPLAY_NUMBER:-97}"
export XDG_CONFIG_HOME="$out/config"
rm -rf "$out/work" && mkdir -p "$out/work" && cd "$out/work"
slow=${SLOW:-1}
rest() { sleep "$(awk "BEGIN { print $1 * $slow }")"; }

Xvfb "$DISPLAY" -screen 0 1600x1000x24 >/dev/null 2>&1 & screen=$!
window='' board=''
finish() { for one in $window $board $screen; do kill "$one" 2>/dev/null || :; done; }
trap finish EXIT
rest 1

key() { xdotool key --clearmodifiers "$1"; rest "${2:-0.4}"; }
click() { xdotool mousemove "$1" "$2"; rest 0.2; xdotool click 1; rest "${3:-0.5}"; }
# Without a window manager nobody gives the window the keys.
focus() { xdotool windowfocus --sync "$(xdotool search --sync --onlyvisible --name '^Surae$' | tail -n 1)"; rest "$1"; }
# The window takes its own picture; a picture of few colours is a blank window.
picture() {
    before=$(ls ./*window*.png 2>/dev/null | wc -l)
    xdotool key --clearmodifiers shift+F12
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        rest 0.5
        [ "$(ls ./*window*.png 2>/dev/null | wc -l)" -gt "$before" ] && break
    done
    rest 1
    newest=$(ls -t ./*window*.png 2>/dev/null | head -n 1)
    [ -n "$newest" ] || { echo "$1: no picture was taken" >&2; exit 1; }
    size=$(wc -c <"$newest")
    [ "$size" -gt 25000 ] || { echo "$1: the picture is blank ($size bytes)" >&2; exit 1; }
    mv "$newest" "$out/$1.png"
    echo "$1: $size bytes"
}

# 1 A trial: scrub in the Lab view, then the other views.
"$surae" dashboard --demo walk >/dev/null 2>"$out/trial.log" & window=$!
focus 4
picture 1-lab
click 1100 978
key M
key space
picture 2-scrubbed
key F2 3
key j; key Return 1
picture 3-review
key ctrl+p 4
picture 4-report-written
ls ./*.html >/dev/null && ls ./*.json >/dev/null
key F3 2
picture 5-coach
kill "$window"; wait "$window" 2>/dev/null || :

# 2 A board with one bad electrode: record, mark, type a note, stop, review what was recorded.
"$surae" emulate --device surae --fault flat=2 --link board --write-map map.toml >"$out/board.log" 2>&1 & board=$!
rest 2
"$surae" dashboard --device surae --port board --map map.toml >/dev/null 2>"$out/live.log" & window=$!
focus 8
picture 6-live
key r 4
key 3 1
key n 0.6
xdotool type --delay 60 "good step"
key Return 2
picture 7-recording
key r 0.4
key r 3
picture 8-stopped
key F2 6
picture 9-recording-reviewed
recording=$(ls ./*.xdf | head -n 1)
"$surae" info "$recording" --json >"$out/recording.json"
grep -q "good step" "$out/recording.json" || "$surae" info "$recording" | grep -q "good step" || {
    echo "the note is not in the recording" >&2
    exit 1
}
echo "all of it: $out"
