"""SciPy and Surae on the same data, in interleaved rounds of one run.

usage:  cargo build --release -p surae-benches --bin side_by_side
        python -m venv venv && venv/bin/pip install -r benches/side_by_side/requirements.txt
        venv/bin/python benches/side_by_side/compare.py target/release/side_by_side [--rounds N] [--seconds S]

Prints one table and, last, lines `RATIO <what> <channels> <x>`: SciPy time over Surae time, of the medians or of the minima over rounds,
whichever is less favourable to Surae. Both sides count processor time of their one thread, so that being interrupted counts for neither.
`streaming_p99` is the ratio of the 99th percentiles of the calmest round of each side; `.._over_memcpy` is Surae over memcpy.
Outputs are compared before anything is timed; a difference stops the run. One thread, f64. Surae's chain runs in place on interleaved
frames, as they come from a sensor; SciPy gets the layout it is faster in. Level `auto` is what the crate picks by itself.
The NumPy forms of TKEO, moving RMS, onset and double threshold are those a user would write: whole arrays, `cumsum` for windows, fresh
results as NumPy makes them. Surae writes into memory that is there, as in a stream; `zero_phase_fresh` asks for new memory, as a review does once.
`tkeo_live` is the stream's operator, in place on interleaved frames.
"""
import argparse
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy
from scipy import optimize, signal, stats

RATE = 2000.0
BAND = signal.butter(4, [20, 450], "bandpass", fs=RATE, output="sos")
NOTCH = signal.tf2sos(*signal.iirnotch(50, 30, fs=RATE))
LOW = signal.butter(4, 6, "lowpass", fs=RATE, output="sos")
FRONT = np.vstack([BAND, NOTCH])
# Probability that one pair of noise exceeds, for 5 % of false alarms with 2 of 5; and the threshold over the noise variance.
EXCEEDANCE = optimize.brentq(lambda p: stats.binom.sf(1, 5, p) - 0.05, 1e-6, 0.5, xtol=1e-15)
THRESHOLD = -2 * np.log(EXCEEDANCE)
SMOOTHER = signal.butter(2, 50, "lowpass", fs=RATE, output="sos")


def synthetic_emg(channels, seconds, seed=7):
    """Burst-modulated band-limited noise, 50 Hz hum and baseline wander, (channels, samples)."""
    n = int(round(seconds * RATE))
    rng = np.random.default_rng(seed)
    t = np.arange(n) / RATE
    sos = signal.butter(2, [30, 300], "bandpass", fs=RATE, output="sos")
    x = np.empty((channels, n))
    for c in range(channels):
        burst = np.clip(np.sin(2 * np.pi * 0.9 * t + 0.37 * c), 0, None) ** 2
        x[c] = (signal.sosfilt(sos, rng.standard_normal(n)) * (0.02 + 0.5 * burst)
                + 0.05 * np.sin(2 * np.pi * 50 * t + c) + 0.1 * np.sin(2 * np.pi * 0.3 * t))
    return x


class Surae:
    def __init__(self, binary):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, order):
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            sys.exit(f"the Surae side died at: {order}")
        return answer

    def load(self, frames, folder):
        path = pathlib.Path(folder) / "frames.f64"
        np.ascontiguousarray(frames, dtype="<f8").tofile(path)
        self.ask(f"load {path} {frames.shape[1]}")
        path.unlink()

    def time(self, what, level="auto"):
        return float(self.ask(f"time {what} {level}"))

    def result(self, folder):
        path = pathlib.Path(folder) / "result.f64"
        self.ask(f"save {path}")
        values = np.fromfile(path, dtype="<f8")
        path.unlink()
        return values


def timed(work):
    start = time.thread_time()
    work()
    return time.thread_time() - start


def agree(what, actual, expected, tolerance=1e-9):
    if actual.shape != expected.shape:
        sys.exit(f"{what}: {actual.shape} values instead of {expected.shape}")
    error = np.max(np.abs(actual - expected)) / np.max(np.abs(expected))
    if not error <= tolerance:
        sys.exit(f"{what}: outputs differ by {error:.2e} of the peak")
    return error


class Table:
    def __init__(self):
        self.ratios = []
        print(f"{'what':24} {'ch':>4} {'level':>7} {'SciPy ns':>9} {'Surae ns':>9} {'x':>7} {'minima':>7} {'x':>7} {'differs':>8}")

    def row(self, what, channels, level, samples, peer, ours, error, key=None):
        x = statistics.median(peer) / statistics.median(ours)
        least = min(peer) / min(ours)
        print(f"{what:24} {channels:>4} {level:>7} {statistics.median(peer) / samples * 1e9:9.2f} "
              f"{statistics.median(ours) / samples * 1e9:9.2f} {x:7.2f} {min(ours) / samples * 1e9:7.2f} {least:7.2f} {error:8.0e}",
              flush=True)
        self.ratios.append(f"RATIO {key or what} {channels} {min(x, least):.2f}")

    def over_memcpy(self, what, channels, ours, copy):
        over = max(statistics.median(ours) / statistics.median(copy), min(ours) / min(copy))
        self.ratios.append(f"RATIO {what}_over_memcpy {channels} {over:.2f}")


def causal(x, axis):
    y = signal.sosfilt(FRONT, x, axis=axis)
    np.abs(y, out=y)
    return signal.sosfilt(LOW, y, axis=axis)


def zero_phase(x):
    y = signal.sosfiltfilt(BAND, x, axis=-1)
    y = signal.sosfiltfilt(NOTCH, y, axis=-1)
    np.abs(y, out=y)
    return signal.sosfiltfilt(LOW, y, axis=-1)


def welch_median(x):
    f, p = signal.welch(x, RATE, "hann", 512, 256, axis=-1)
    c = np.cumsum(p, -1)
    return f[(c < c[:, -1:] / 2).sum(-1)], (f * p).sum(-1) / p.sum(-1)


def tkeo(x):
    y = np.zeros_like(x)
    y[:, 1:-1] = x[:, 1:-1] ** 2 - x[:, :-2] * x[:, 2:]
    return y


def moving_rms(x):
    """50 ms by cumulative sum."""
    c = np.cumsum(np.pad(x * x, ((0, 0), (1, 0))), -1)
    return np.sqrt(np.maximum(c[:, 100:] - c[:, :-100], 0) / 100)


def onset(x):
    """Smoothed Teager-Kaiser energy over mean + 3 SD of the first second, bursts of at least 25 ms."""
    smooth = signal.sosfilt(SMOOTHER, np.abs(tkeo(x)), axis=-1)
    rest = smooth[:, 199:1999]
    active = smooth > (rest.mean(-1) + 3 * rest.std(-1))[:, None]
    bursts = []
    for row in active:
        edges = np.flatnonzero(np.diff(np.r_[0, row.view(np.int8), 0])).reshape(-1, 2)
        bursts.append(edges[edges[:, 1] - edges[:, 0] >= 50])
    return bursts


def double_threshold(x):
    """Bonato's detector: at least 2 of 5 successive sums of two squares over the threshold."""
    over = x[:, 0::2] ** 2 + x[:, 1::2] ** 2 > THRESHOLD * 0.003
    count = np.cumsum(np.pad(over, ((0, 0), (5, 0))), -1)
    return count[:, 5:] - count[:, :-5] >= 2


def columns(flat):
    return flat.reshape(2000, -1).min(1), flat.reshape(2000, -1).max(1)


def batch(table, surae, folder, levels, rounds, seconds):
    for channels in (2, 8, 64, 256):
        x = synthetic_emg(min(channels, 16), seconds)
        x = np.ascontiguousarray(np.tile(x, (max(1, channels // 16), 1)))
        frames = np.ascontiguousarray(x.T)
        surae.load(frames, folder)
        planar, interleaved = timed(lambda: causal(x, -1)), timed(lambda: causal(frames, 0))
        peer = (lambda: causal(x, -1)) if planar <= interleaved else (lambda: causal(frames, 0))
        expected = causal(frames, 0).reshape(-1)
        errors = {}
        for level in levels:
            surae.time("chain", level)
            errors[level] = agree(f"chain {level}", surae.result(folder), expected)
        scipy_s, ours, band, copy = [], {level: [] for level in levels}, [], []
        for _ in range(rounds):
            scipy_s.append(timed(peer))
            for level in levels:
                ours[level].append(surae.time("chain", level))
            band.append(surae.time("chain_with_band"))
            copy.append(surae.time("memcpy"))
        for level in levels:
            key = "chain" if level == levels[-1] else f"chain_{level}"
            table.row("chain", channels, level, x.size, scipy_s, ours[level], errors[level], key)
        table.row("chain and band output", channels, levels[-1], x.size, scipy_s, band, errors[levels[-1]], "chain_with_band")
        print(f"{'  memcpy':24} {channels:>4} {'':7} {'':9} {statistics.median(copy) / x.size * 1e9:9.2f} {'':7} "
              f"{min(copy) / x.size * 1e9:7.2f}")
        table.over_memcpy("chain", channels, ours[levels[-1]], copy)


def whole_signals(table, surae, folder, rounds, seconds):
    for channels in (8, 64):
        x = np.ascontiguousarray(np.tile(synthetic_emg(8, seconds), (channels // 8, 1)))
        surae.load(np.ascontiguousarray(x.T), folder)
        f, m = welch_median(x)
        work = [
            ("zero_phase", lambda: zero_phase(x), zero_phase(x).reshape(-1)),
            ("zero_phase_fresh", lambda: zero_phase(x), zero_phase(x).reshape(-1)),
            ("welch_median", lambda: welch_median(x), np.stack([f, m], 1).reshape(-1)),
        ]
        if channels == 8:
            # The detector works one sample late, so its energies, rest and bursts are those of numpy one sample on.
            late = np.concatenate([b + 1 for b in onset(x)]).reshape(-1).astype(float)
            rms = moving_rms(x)
            work += [
                ("tkeo", lambda: tkeo(x), tkeo(x)[:, 1:-1].reshape(-1)),
                ("tkeo_live", lambda: tkeo(x), tkeo(x)[:, 1:-1].reshape(-1)),
                ("rms", lambda: moving_rms(x), rms.T.reshape(-1)),
                ("onset", lambda: onset(x), np.minimum(late, x.shape[1])),
                ("double_threshold", lambda: double_threshold(x), double_threshold(x).reshape(-1).astype(float)),
                ("columns", lambda: columns(x.T.reshape(-1)), None),
            ]
        for what, peer, expected in work:
            surae.time(what)
            actual = surae.result(folder)
            if what == "rms":
                actual = actual[99 * channels:]
            if what == "tkeo":
                actual = actual.reshape(x.shape)[:, 1:-1].reshape(-1)
            if what == "tkeo_live":
                actual = actual.reshape(-1, channels)[2:].T.reshape(-1)
            if what == "columns":
                low, high = columns(np.ascontiguousarray(x.T).reshape(-1))
                expected = np.stack([low, high], 1).reshape(-1)
                flat = np.ascontiguousarray(x.T).reshape(-1)
                peer = lambda: columns(flat)
            error = agree(what, actual, expected, 1e-8 if what == "rms" else 1e-9)
            pairs = [(timed(peer), surae.time(what)) for _ in range(rounds)]
            table.row(what, channels, "auto", x.size, [p for p, _ in pairs], [o for _, o in pairs], error)
            if what == "columns":
                copies = [surae.time("memcpy") for _ in range(rounds)]
                table.over_memcpy("columns", channels, [o for _, o in pairs], copies)


def streaming(table, surae, folder, rounds):
    cost = {}
    for channels in (8, 64, 256):
        x = np.ascontiguousarray(np.tile(synthetic_emg(8, 8), (channels // 8, 1)).T)
        surae.load(x, folder)
        blocks = [np.ascontiguousarray(x[i * 16:(i + 1) * 16]) for i in range(1000)]
        z, w = np.zeros((5, 2, channels)), np.zeros((2, 2, channels))
        peer, ours = [], []
        for _ in range(rounds):
            peer.append([])
            for block in blocks[:500]:
                start = time.perf_counter_ns()
                y, z = signal.sosfilt(FRONT, block, axis=0, zi=z)
                np.abs(y, out=y)
                y, w = signal.sosfilt(LOW, y, axis=0, zi=w)
                peer[-1].append(time.perf_counter_ns() - start)
            ours.append([int(ns) for ns in surae.ask("stream chain 16 1000").split()])
        calm = lambda rounds_of: np.percentile(rounds_of, [50, 99], axis=1).min(axis=1)
        (p50, p99), (q50, q99) = calm(peer), calm(ours)
        cost[channels] = q50 / (16 * channels)
        print(f"{'streaming, 16 frames':24} {channels:>4} {'auto':>7} p50/p99 us: SciPy {p50 / 1e3:.1f}/{p99 / 1e3:.1f}, "
              f"Surae {q50 / 1e3:.2f}/{q99 / 1e3:.2f}, x {p50 / q50:.0f}/{p99 / q99:.0f}", flush=True)
        table.ratios.append(f"RATIO streaming_p50 {channels} {p50 / q50:.1f}")
        table.ratios.append(f"RATIO streaming_p99 {channels} {p99 / q99:.1f}")
    table.ratios.append(f"RATIO streaming_cost_256_over_8 256 {cost[256] / cost[8]:.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    surae = Surae(options.binary)
    levels = surae.ask("levels").split() + ["auto"]
    print(f"scipy {scipy.__version__}, numpy {np.__version__}, Python {platform.python_version()}; levels here: {' '.join(levels[:-1])}; "
          f"medians of {options.rounds} interleaved rounds; ns per channel-sample")
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        batch(table, surae, folder, levels, options.rounds, options.seconds)
        whole_signals(table, surae, folder, options.rounds, options.seconds)
        streaming(table, surae, folder, options.rounds)
    surae.process.stdin.write("quit\n")
    print()
    print("\n".join(table.ratios))


if __name__ == "__main__":
    main()
