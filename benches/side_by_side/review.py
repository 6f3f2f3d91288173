"""A whole review, file to JSON: `surae review` and the same analysis in NumPy, SciPy and pandas, in interleaved rounds of one run.

usage:  cargo build --release -p surae
        target/release/surae generate trial.csv --scenario walk --side both --rate 2000 --duration 600
        venv/bin/python benches/side_by_side/review.py target/release/surae trial.csv [--rounds N]

The trial has 8 raw EMG channels, both knee angles and both foot switches. The peer (`review_peer.py`) does what the review does: reading,
zero-phase band-pass (winter-corrected) and linear envelope, foot contacts from the switches, rejection of spoilt strides, cycles of 101
points with mean, SD, CV, VR, CMC and outliers, three detectors of activity (double threshold on whitened EMG, Teager-Kaiser energy,
envelope) with their agreement and SNR burst by burst, median and mean frequency of the bursts (Welch), quality (noise floor, SNR, hum,
motion, clipping, kurtosis), the common signal of every two calf channels within 30 ms, class every 5 ms, dominance in bins of the knee
angle and by phase with intervals over strides, every push-off (half of the noise-free EMG, peak, burst, pre-activation, lead with its
interval, phases, knee angle), and JSON. It leaves out what is particular to Surae (bounds where noise hides a ratio, notes, sentences,
reasons for missing values, settings, provenance, the hash of the file), so the comparison is in its favour.

Two times of both: wall clock, with the threads that each takes by itself, and processor time of all threads. Imports of Python are left
out, the start of Surae's process is not. The results are compared first: see `compare`. The last lines are `RATIO review-wall 8 <x>` and
`RATIO review-cpu 8 <x>`, of medians or minima, whichever is less favourable to Surae.
"""
import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import review_peer as peer


def peer_time(path):
    wall, cpu = time.perf_counter(), time.process_time()
    text = peer.review(path)
    spent = time.perf_counter() - wall, time.process_time() - cpu
    return spent, text


def surae_time(binary, path, folder):
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    target = folder / "review.json"
    with open(target, "w") as out:
        done = subprocess.run([binary, "review", str(path), "--format", "json"], stdout=out, stderr=subprocess.PIPE, text=True)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not target.stat().st_size:
        sys.exit(f"surae review failed: {done.stderr}")
    return (wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime), target.read_text()


def compare(ours, theirs):
    """Strides within 3 (the edges); peaks, CMC, frequencies and bursts of each muscle; every push-off within a millisecond in the median
    and in 95 of 100 cases; the common signal to 1e-9."""
    for word, side in (("left", "L"), ("right", "R")):
        mine, other = ours["sides"][word], theirs["sides"][word]
        print(f"{word}: strides {mine['cycles']['n']} and {other['cycles']['n']}; lead {mine['lead_summary']['median_ms']:.2f} and "
              f"{other['lead_summary']['median_ms']:.2f} ms")
        check(abs(mine["cycles"]["n"] - other["cycles"]["n"]) <= 3, f"{word}: strides")
        check(abs(mine["lead_summary"]["median_ms"] - other["lead_summary"]["median_ms"]) < 0.5, f"{word}: lead")
        for muscle in peer.MUSCLES:
            a, b = mine["muscles"][muscle], other["muscles"][muscle]
            print(f"  {muscle:3} peak at {a['peak_percent_cycle']} and {b['peak_percent_cycle']} %, MDF {a['mdf_hz']:.1f} and {b['mdf_hz']:.1f} Hz, "
                  f"CMC {a['cmc']:.4f} and {b['cmc']:.4f}, bursts {len(a['onsets_s'])} and {len(b['onsets_s'])}")
            check(abs(a["peak_percent_cycle"] - b["peak_percent_cycle"]) <= 1, f"{word} {muscle}: peak")
            # The windows of tibialis anterior are its own bursts, whose segments differ more.
            near = 0.02 if muscle in peer.CALF else 0.15
            check(abs(a["cmc"] - b["cmc"]) < 0.001 and abs(a["mdf_hz"] / b["mdf_hz"] - 1) < near, f"{word} {muscle}: CMC or MDF")
            check(abs(len(a["onsets_s"]) - len(b["onsets_s"])) <= 0.01 * len(a["onsets_s"]), f"{word} {muscle}: bursts")
        pushes = {round(p["contact_s"], 3): p["muscles"] for p in other["pushoffs"]}
        for muscle in peer.CALF:
            for key in ("t50_ms", "peak_ms", "onset_ms", "offset_ms"):
                pairs = [(p["muscles"][muscle][key], pushes[at][muscle][key]) for p in mine["pushoffs"]
                         if (at := round(p["contact_s"], 3)) in pushes and p["muscles"][muscle][key] is not None]
                far = [abs(a - b) for a, b in pairs if np.isfinite(b)]
                check(len(far) > 0.95 * len(pairs) and np.percentile(far, 95) < 1, f"{word} {muscle}: {key}")
        for pair, r in mine["crosstalk"]["r_xy"].items():
            a, b = pair.split("-")
            found = theirs["crosstalk"].get(f"{side} {a}-{side} {b}") or theirs["crosstalk"][f"{side} {b}-{side} {a}"]
            check(abs(r - found) < 1e-9, f"{word} {pair}: common signal")


def check(is_so, what):
    if not is_so:
        sys.exit(f"{what}: the two analyses disagree")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("trial", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        ours, theirs = surae_time(options.binary, options.trial, folder)[1], peer_time(options.trial)[1]
        compare(json.loads(ours), json.loads(theirs))
        ours, theirs = [], []
        for _ in range(options.rounds):
            theirs.append(peer_time(options.trial)[0])
            ours.append(surae_time(options.binary, options.trial, folder)[0])
    for at, (name, words) in enumerate((("wall", "wall clock"), ("cpu", "processor time"))):
        a, b = [t[at] for t in theirs], [t[at] for t in ours]
        print(f"{words}: NumPy, SciPy and pandas {statistics.median(a):.2f} s (least {min(a):.2f}), Surae {statistics.median(b):.3f} s "
              f"(least {min(b):.3f}), medians of {options.rounds} interleaved rounds")
        print(f"RATIO review-{name} 8 {min(statistics.median(a) / statistics.median(b), min(a) / min(b)):.2f}")


if __name__ == "__main__":
    main()
