"""A whole review, file to JSON: `surae review` and the same analysis in NumPy and SciPy, in interleaved rounds of one run.

usage:  cargo build --release -p surae --no-default-features
        target/release/surae generate trial.csv --scenario walk --side both --rate 2000 --duration 600
        venv/bin/python benches/side_by_side/review.py target/release/surae trial.csv [--rounds N]

The trial has 8 raw EMG channels, both knee angles and both foot switches. The peer is what a careful analyst would write: whole arrays,
no Python loop over samples, pandas' C reader for the file. It does what the review does: reading, zero-phase band-pass (winter-corrected)
and linear envelope, foot contacts from the switches, cycles of 101 points with mean, SD, VR and CMC, median and mean frequency of the bursts
(Welch), quality (noise floor, SNR, hum, motion, clipping, kurtosis), cross-correlation of the heads and soleus, dominance in bins of the knee
angle and by phase of the cycle with intervals over strides, and JSON. It leaves out what is particular to Surae (noise subtraction as a
bound, notes, push-off statistics, class durations, settings and provenance), so the comparison is in its favour.

Both sides count the processor time of their process, start and imports of Python left out. Results are compared first: cycles, peaks,
median frequencies and dominance must agree roughly, for the two are not the same program. The last line is `RATIO review 8 <x>`.
"""
import argparse
import json
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from scipy import signal

MUSCLES = ("MG", "LG", "SOL", "TA")
PHASES = ((0, 12), (12, 31), (31, 50), (50, 62), (62, 100))
RATE = 2000.0


def winter(order):
    return (np.sqrt(2) - 1) ** (1 / (2 * order))


def corrected(value, factor, high):
    """A cut-off that both passes together keep."""
    tangent = np.tan(np.pi * value / RATE)
    return RATE / np.pi * np.arctan(tangent * factor if high else tangent / factor)


def read(path):
    """EMG, angles and switches, straight from the files."""
    emg = pd.read_csv(path, comment="#")
    angles = pd.read_csv(path.with_name(path.stem + ".angles.csv"), comment="#")
    return emg, angles


def quality(raw, band):
    """The measures of one channel."""
    windows = band[: band.size // 200 * 200].reshape(-1, 200)
    rms = np.sqrt((windows ** 2).mean(1))
    floor = np.percentile(rms, 5)
    active = windows[rms > 2 * floor]
    f, p = signal.welch(raw, RATE, "hann", 2000, 1000)
    total = p.sum()
    hum = 0.0
    for line in np.arange(50, 450, 50):
        near = (f >= line - 1) & (f <= line + 1)
        sides = ((f >= line - 4) & (f <= line - 2)) | ((f >= line + 2) & (f <= line + 4))
        hum += max(p[near].sum() - p[sides].mean() * near.sum(), 0)
    centred = active - active.mean(1, keepdims=True)
    equal = (np.diff(raw, n=1)[1:] == 0) & (np.diff(raw, n=1)[:-1] == 0)
    clipped = equal & ((raw[2:] == raw.max()) | (raw[2:] == raw.min()))
    return {
        "noise_floor": floor,
        "snr_db": 20 * np.log10(np.sqrt((active ** 2).mean()) / floor),
        "hum_ratio": hum / total,
        "motion_ratio": p[f < 20].sum() / total,
        "kurtosis": float((centred ** 4).mean() / (centred ** 2).mean() ** 2),
        "clipping_fraction": float(clipped.mean()),
        "flat_fraction": float((raw[: raw.size // 400 * 400].reshape(-1, 400).std(1) == 0).mean()),
    }


def ensemble(envelope, contacts):
    """Cycles of 101 points by linear interpolation, all strides at once."""
    starts, ends = contacts[:-1], contacts[1:]
    grid = starts[:, None] + (ends - starts)[:, None] * np.linspace(0, 1, 101)[None, :]
    curves = np.interp(grid.ravel() * RATE, np.arange(envelope.size), envelope).reshape(grid.shape)
    mean, n, k = curves.mean(0), *curves.shape
    within = ((curves - mean) ** 2).sum() / (k * (n - 1))
    total = ((curves - curves.mean()) ** 2).sum() / (n * k - 1)
    cmc = 1 - ((curves - mean) ** 2).sum() / (k * (n - 1)) / total
    return curves, {
        "mean_curve": mean.tolist(),
        "sd_curve": curves.std(0, ddof=1).tolist(),
        "vr": within / total,
        "cmc": float(np.sqrt(max(cmc, 0))),
        "peak": float(mean.max()),
        "peak_percent_cycle": int(mean.argmax()),
    }


def frequencies(band, contacts):
    """Median and mean frequency: Welch of every burst (25 to 50 % of the stride), median over strides."""
    found = []
    for start, end in zip(contacts[:-1], contacts[1:]):
        a, b = int((start + 0.25 * (end - start)) * RATE), int((start + 0.5 * (end - start)) * RATE)
        f, p = signal.welch(band[a:b], RATE, "hann", min(256, b - a))
        keep = (f >= 20) & (f <= 450)
        c = np.cumsum(p[keep])
        found.append((np.interp(c[-1] / 2, c, f[keep]), (f[keep] * p[keep]).sum() / p[keep].sum()))
    return np.median(found, axis=0)


def interval(values):
    """90 % interval of the mean over strides."""
    values = values[np.isfinite(values)]
    half = 1.6449 * values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    return [float(values.mean() - half), float(values.mean() + half)]


def leg(side, emg, bands, envelopes, angles):
    switch = angles[f"{side} foot switch"].to_numpy()
    times = angles["time_s"].to_numpy()
    contacts = times[1:][np.diff(switch) > 0.5]
    offs = times[1:][np.diff(switch) < -0.5]
    grid = np.arange(len(emg)) / RATE
    low = signal.butter(2, 6 / winter(2), "lowpass", fs=100.0, output="sos")
    knee = np.interp(grid, times, signal.sosfiltfilt(low, angles[f"{side} knee"].to_numpy()))
    out = {"cycles": {"n": int(contacts.size - 1), "stride_time_s": float(np.diff(contacts).mean()),
                      "stride_time_cv_percent": float(100 * np.diff(contacts).std(ddof=1) / np.diff(contacts).mean()),
                      "items": [{"start_s": float(a), "end_s": float(b)} for a, b in zip(contacts[:-1], contacts[1:])]}}
    off = offs[np.searchsorted(offs, contacts[:-1])] if offs.size > contacts.size else offs[: contacts.size - 1]
    out["cycles"]["stance_percent"] = float(np.median(100 * (off - contacts[: off.size]) / np.diff(contacts)[: off.size]))
    curves, muscles = {}, {}
    for muscle in MUSCLES:
        name = f"{side} {muscle}"
        curves[muscle], muscles[muscle] = ensemble(envelopes[name], contacts)
        muscles[muscle]["mdf_hz"], muscles[muscle]["mnf_hz"] = frequencies(bands[name], contacts)
        above = envelopes[name] > muscles[muscle]["peak"] * 0.2
        edges = np.flatnonzero(np.diff(above.astype(np.int8)))
        muscles[muscle]["onsets_s"] = (edges[::2] / RATE).tolist()
    out["muscles"] = muscles
    _, mean_knee = ensemble(knee, contacts)
    out["knee"] = mean_knee
    reference = {m: muscles[m]["peak"] for m in MUSCLES}
    gastro = np.exp(0.5 * sum(np.log(np.maximum(envelopes[f"{side} {m}"] / reference[m], 1e-6)) for m in ("MG", "LG")))
    soleus = np.maximum(envelopes[f"{side} SOL"] / reference["SOL"], 1e-6)
    stride = np.searchsorted(contacts, grid, side="right") - 1
    inside = (stride >= 0) & (stride < contacts.size - 1) & ((gastro > 0.1) | (soleus > 0.1))
    bins = np.floor(knee / 15).astype(int)
    by_angle = []
    for b in np.unique(bins[inside]):
        chosen = inside & (bins == b)
        n = np.bincount(stride[chosen], minlength=contacts.size)
        g = np.bincount(stride[chosen], gastro[chosen], contacts.size)
        s = np.bincount(stride[chosen], soleus[chosen], contacts.size)
        with np.errstate(all="ignore"):
            ratio = np.where(n > 20, np.log(g / s), np.nan)
        if np.isfinite(ratio).sum() > 1:
            by_angle.append({"knee_deg": float(knee[chosen].mean()), "active_s": float(chosen.sum() / RATE),
                             "log_ratio": float(np.nanmean(ratio)), "dominance": float(np.tanh(np.nanmean(ratio) / 2)),
                             "log_ratio_ci90": interval(ratio)})
    by_phase = []
    for a, b in PHASES:
        g = np.exp(0.5 * (np.log(curves["MG"][:, a:b].mean(1) / reference["MG"]) + np.log(curves["LG"][:, a:b].mean(1) / reference["LG"])))
        ratio = np.log(g / (curves["SOL"][:, a:b].mean(1) / reference["SOL"]))
        by_phase.append({"from_percent": a, "to_percent": b, "log_ratio": float(ratio.mean()),
                         "dominance": float(np.tanh(ratio.mean() / 2)), "log_ratio_ci90": interval(ratio)})
    out["dominance"] = {"by_angle": by_angle, "by_phase": by_phase}
    gaits = np.concatenate([np.arange(int(a * RATE), int((a + 0.6 * (b - a)) * RATE)) for a, b in zip(contacts[:-1], contacts[1:])])
    pair = [bands[f"{side} {m}"][gaits] for m in ("MG", "SOL")]
    lags = signal.correlate(*pair, mode="full", method="fft")[gaits.size - 1 - 60: gaits.size + 60]
    out["crosstalk"] = {"r_xy": float(np.abs(lags).max() / np.sqrt((pair[0] ** 2).sum() * (pair[1] ** 2).sum()))}
    return out


def review(path):
    emg, angles = read(path)
    names = [c for c in emg.columns if c != "time_s"]
    raw = np.ascontiguousarray(emg[names].to_numpy().T)
    edges = [corrected(20, winter(2), True), corrected(450, winter(2), False)]
    band = signal.sosfiltfilt(signal.butter(2, edges, "bandpass", fs=RATE, output="sos"), raw, axis=-1)
    low = signal.butter(2, corrected(6, winter(2), False), "lowpass", fs=RATE, output="sos")
    envelope = signal.sosfiltfilt(low, np.abs(band), axis=-1)
    bands, envelopes = dict(zip(names, band)), dict(zip(names, envelope))
    report = {"quality": {name: quality(x, y) for name, x, y in zip(names, raw, band)}, "sides": {}}
    for side, word in (("L", "left"), ("R", "right")):
        report["sides"][word] = leg(side, emg, bands, envelopes, angles)
    return json.dumps(report, default=float)


def peer_time(path):
    start = time.process_time()
    text = review(path)
    return time.process_time() - start, json.loads(text)


def surae_time(binary, path, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    target = folder / "review.json"
    with open(target, "w") as out:
        done = subprocess.run([binary, "review", str(path), "--format", "json"], stdout=out, stderr=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not target.stat().st_size:
        sys.exit(f"surae review failed: {done.stderr}")
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return spent, json.loads(target.read_text())


def compare(ours, theirs):
    for word in ("left", "right"):
        mine, other = ours["sides"][word], theirs["sides"][word]
        print(f"{word}: strides {mine['cycles']['n']} and {other['cycles']['n']}; stride {mine['cycles']['stride_time_s']} "
              f"and {other['cycles']['stride_time_s']:.4f} s")
        for muscle in MUSCLES:
            a, b = mine["muscles"][muscle], other["muscles"][muscle]
            print(f"  {muscle:3} peak at {a['peak_percent_cycle']} and {b['peak_percent_cycle']} %, MDF {a['mdf_hz']:.1f} and {b['mdf_hz']:.1f} Hz, "
                  f"CMC {a['cmc']:.3f} and {b['cmc']:.3f}")
            if abs(a["peak_percent_cycle"] - b["peak_percent_cycle"]) > 5 or abs(a["cmc"] - b["cmc"]) > 0.02:
                sys.exit(f"{word} {muscle}: the two analyses disagree")
        if abs(mine["cycles"]["n"] - other["cycles"]["n"]) > 3:
            sys.exit(f"{word}: the two analyses count different strides")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("trial", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        compare(surae_time(options.binary, options.trial, folder)[1], peer_time(options.trial)[1])
        ours, theirs = [], []
        for _ in range(options.rounds):
            theirs.append(peer_time(options.trial)[0])
            ours.append(surae_time(options.binary, options.trial, folder)[0])
    print(f"NumPy and SciPy {statistics.median(theirs):.2f} s (least {min(theirs):.2f}), Surae {statistics.median(ours):.3f} s "
          f"(least {min(ours):.3f}), processor time, medians of {options.rounds} interleaved rounds")
    print(f"RATIO review 8 {min(statistics.median(theirs) / statistics.median(ours), min(theirs) / min(ours)):.2f}")


if __name__ == "__main__":
    main()
