"""The analysis of `surae review` for walking, as a careful analyst writes it with NumPy, SciPy and pandas.

Whole arrays throughout: the only Python loops go over channels, strides and bursts where NumPy has no word for them. What is computed is
listed in `review.py`, which also compares the numbers with Surae's. No part of Surae is used.
"""
import json

import numpy as np
import pandas as pd
from scipy import linalg, signal

MUSCLES = ("MG", "LG", "SOL", "TA")
CALF = MUSCLES[:3]
PHASES = ((0, 12), (12, 31), (31, 50), (50, 62), (62, 100))
RATE = 2000.0
STEP_S = 0.005
WEIGHTS = {"MG": 0.69, "LG": 0.31}


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


class Sums:
    """Mean square and mean rectified value of any window, from running totals."""

    def __init__(self, band):
        self.rectified = np.abs(band)
        self.absolute = np.concatenate(([0.0], np.cumsum(self.rectified)))
        self.squares = np.concatenate(([0.0], np.cumsum(band * band)))

    def arv(self, a, b):
        return (self.absolute[b] - self.absolute[a]) / (b - a)

    def square(self, a, b):
        return (self.squares[b] - self.squares[a]) / (b - a)


def quality(raw, band):
    """The measures of one channel."""
    windows = band[: band.size // 200 * 200].reshape(-1, 200)
    rms = np.sqrt((windows ** 2).mean(1))
    floor = np.percentile(rms, 5)
    active = windows[rms > 2 * floor]
    last = raw[-20000:]
    f, p = signal.welch(last, RATE, "hann", 2000, 1000)
    total = p.sum()
    hum = 0.0
    for line in np.arange(50, 450, 50):
        near = (f >= line - 1) & (f <= line + 1)
        sides = ((f >= line - 4) & (f <= line - 2)) | ((f >= line + 2) & (f <= line + 4))
        hum += max(p[near].sum() - p[sides].mean() * near.sum(), 0)
    moments = (active ** 2).mean(1)
    step = np.diff(raw)
    equal = (step[1:] == 0) & (step[:-1] == 0)
    clipped = equal & ((raw[2:] == raw.max()) | (raw[2:] == raw.min()))
    return {
        "noise_floor": floor,
        "snr_db": 20 * np.log10(np.sqrt(moments.mean()) / floor),
        "hum_ratio": hum / total,
        "motion_ratio": p[f < 20].sum() / total,
        "kurtosis": float(((active ** 4).mean(1) / moments).sum() / moments.sum()),
        "clipping_fraction": float(clipped.mean()),
        "flat_fraction": float((raw[: raw.size // 400 * 400].reshape(-1, 400).std(1) == 0).mean()),
    }


def bandwidth(band):
    """Statistical bandwidth: (sum of the density)^2 over the sum of its square."""
    f, p = signal.welch(band, RATE, "hann", 1024, 512)
    return float(np.clip(p.sum() ** 2 / (p ** 2).sum() * (f[1] - f[0]), 30, 400))


def ensemble(envelope, contacts):
    """Cycles of 101 points by linear interpolation, all strides at once."""
    starts, ends = contacts[:-1], contacts[1:]
    grid = starts[:, None] + (ends - starts)[:, None] * np.linspace(0, 1, 101)[None, :]
    curves = np.interp(grid.ravel() * RATE, np.arange(envelope.size), envelope).reshape(grid.shape)
    mean, n, k = curves.mean(0), *curves.shape
    within = ((curves - mean) ** 2).sum() / (k * (n - 1))
    total = ((curves - curves.mean()) ** 2).sum() / (n * k - 1)
    distance = np.sqrt(((curves - np.median(curves, 0)) ** 2).mean(1))
    spread = np.median(np.abs(distance - np.median(distance)))
    return curves, {
        "mean_curve": mean.tolist(),
        "sd_curve": curves.std(0, ddof=1).tolist(),
        "cv": float(np.sqrt((curves.var(0, ddof=1)).mean()) / mean.mean()),
        "vr": within / total,
        "cmc": float(np.sqrt(max(1 - within / total, 0))),
        "peak": float(mean.max()),
        "peak_percent_cycle": int(mean.argmax()),
        "outliers": np.flatnonzero(distance > np.median(distance) + 3.5 * 1.4826 * spread).tolist(),
    }


def frequencies(band, starts, ends):
    """Median and mean frequency of bursts joined end to end."""
    edges = [(int(a * RATE), int(b * RATE)) for a, b in zip(starts, ends) if b - a > 0.0325]
    segment = min(1024, 1 << int(np.log2(min(b - a for a, b in edges))))
    f, p = signal.welch(np.concatenate([band[a:b] for a, b in edges]), RATE, "hann", segment)
    keep = (f >= 20) & (f <= 450)
    c = np.cumsum(p[keep])
    return float(np.interp(c[-1] / 2, c, f[keep])), float((f[keep] * p[keep]).sum() / c[-1])


def rest_level(sums, size):
    """5th percentile of windows of 100 ms."""
    edges = np.arange(0, size + 1, 200)
    a, b = edges[:-1], edges[1:]
    return float(np.percentile(sums.arv(a, b), 5)), float(np.sqrt(np.percentile(sums.square(a, b), 5)))


def spans(active, cleaned, rate, lags=(0, 0)):
    """Starts and ends in s of what is on; pauses filled and bursts dropped up to `cleaned` samples."""
    edges = np.diff(active.astype(np.int8), prepend=0, append=0)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if starts.size == 0:
        return np.empty((0, 2))
    apart = starts[1:] - ends[:-1] >= cleaned
    starts, ends = starts[np.concatenate(([True], apart))], ends[np.concatenate((apart, [True]))]
    long = ends - starts >= cleaned
    return np.column_stack(((starts[long] - lags[0]) / rate, (ends[long] - lags[1]) / rate))


def double_threshold(band, quiet, noise):
    """Bonato 1998 on EMG whitened by linear prediction: two of five pairs above the threshold of 0.1 % false alarms."""
    lags = np.array([quiet[: quiet.size - k] @ quiet[k:] for k in range(9)]) / quiet.size
    taps = linalg.solve_toeplitz(lags[:8], -lags[1:])
    variance = (lags[0] + taps @ lags[1:]) * max(noise / lags[0], 1)
    white = signal.lfilter(np.concatenate(([1.0], taps)), 1.0, band)
    white = white[: white.size // 2 * 2]
    pairs = white[0::2] ** 2 + white[1::2] ** 2
    # At least two of five with p = exp(-z / 2 variance).
    low, high = -60.0, 0.0
    for _ in range(100):
        middle = (low + high) / 2
        p = np.exp(middle)
        low, high = (middle, high) if 1 - (1 - p) ** 5 - 5 * p * (1 - p) ** 4 < 0.001 else (low, middle)
    exceeded = np.concatenate(([0], np.cumsum(pairs > -2 * low * variance)))
    back = np.maximum(np.arange(1, exceeded.size) - 5, 0)
    active = exceeded[1:] - exceeded[back] >= 2
    return spans(active, 30, RATE / 2, (1, 5))


def energy(band, quiet):
    """Teager-Kaiser energy smoothed at 50 Hz, ten standard deviations over its rest (Solnik 2008)."""
    low = signal.butter(2, 50, "lowpass", fs=RATE, output="sos")

    def smooth(x):
        return signal.sosfilt(low, x[1:-1] ** 2 - x[:-2] * x[2:])

    rest = smooth(quiet)[quiet.size // 10:]
    return spans(smooth(band) > rest.mean() + 10 * rest.std(), 60, RATE, (9, 9))


def gate(levels, rest, cv):
    """On above N (1 + 3 c), off below N (1 + 2 c), in steps of 5 ms."""
    high, low = levels > rest * (1 + 3 * cv), levels < rest * (1 + 2 * cv)
    last = np.maximum.accumulate(np.where(high | low, np.arange(levels.size), -1))
    return (last >= 0) & high[np.maximum(last, 0)]


def spread(own, *others):
    """Range in ms over detectors of what is within 100 ms; NaN otherwise."""
    low, high = own.copy(), own.copy()
    for other in others:
        if other.size == 0:
            return np.full(own.size, np.nan)
        after = np.clip(np.searchsorted(other, own), 1, max(other.size - 1, 1))
        before = other[after - 1]
        after = other[np.minimum(after, other.size - 1)]
        near = np.where(own - before <= np.abs(after - own), before, after)
        near = np.where(np.abs(near - own) <= 0.1, near, np.nan)
        low, high = np.minimum(low, near), np.maximum(high, near)
    return (high - low) * 1e3


def activity(band, envelope, sums, rest, cv):
    """Bursts of three detectors, with their agreement and signal-to-noise ratio."""
    count = band.size // 200
    levels = sums.square(np.arange(count) * 200, np.arange(1, count + 1) * 200)
    quiet = band[: count * 200].reshape(-1, 200)[levels <= np.percentile(levels, 10)].ravel()
    found = double_threshold(band, quiet, rest[1] ** 2)
    others = energy(band, quiet), spans(gate(envelope[:: int(STEP_S * RATE)], rest[0], cv), 6, 1 / STEP_S)
    a, b = np.clip((found * RATE).astype(int), 0, band.size).T
    snr = 10 * np.log10(sums.square(a, np.maximum(b, a + 1)) / rest[1] ** 2)
    return {
        "onsets_s": found[:, 0].tolist(),
        "offsets_s": found[:, 1].tolist(),
        "onset_spread_ms": spread(found[:, 0], *(o[:, 0] for o in others)).tolist(),
        "offset_spread_ms": spread(found[:, 1], *(o[:, 1] for o in others)).tolist(),
        "snr_db": snr.tolist(),
    }


def rejected(raw, sums, contacts):
    """Strides that a channel spoils: flat, clipped, of odd amplitude, or moved electrodes."""
    edges = (contacts * RATE).astype(int)
    a, b = edges[:-1], edges[1:]
    amplitude = np.sqrt(sums.square(a, b))
    odd = np.abs(np.log(amplitude / np.median(amplitude))) > np.log(5)
    changes = np.flatnonzero(np.diff(raw) != 0) + 1
    runs = np.diff(np.concatenate(([0], changes, [raw.size])))
    starts = np.concatenate(([0], changes))
    flat = np.isin(np.arange(a.size), np.searchsorted(edges, starts[runs >= 0.2 * RATE], side="right") - 1)
    at_extreme = (runs >= 3) & ((raw[starts] == raw.min()) | (raw[starts] == raw.max()))
    stride = np.searchsorted(edges, starts[at_extreme], side="right") - 1
    clipped = np.bincount(stride[(stride >= 0) & (stride < a.size)], runs[at_extreme][(stride >= 0) & (stride < a.size)], a.size)
    means = raw[: raw.size // 44 * 44].reshape(-1, 44).mean(1)
    one = np.concatenate(([0.0], np.cumsum(means)))
    two = np.concatenate(([0.0], np.cumsum(means ** 2)))
    c, d = a // 44, b // 44
    below = (two[d] - two[c]) / (d - c) - ((one[d] - one[c]) / (d - c)) ** 2
    return flat | odd | (clipped / (b - a) > 0.001) | (below / (below + amplitude ** 2) > 0.5)


def noise_free(band, sums, rest):
    """Rectified EMG with the rest level taken out of its local mean square over 50 ms."""
    n = np.arange(band.size)
    local = sums.square(np.maximum(n - 50, 0), np.minimum(n + 50, band.size))
    return sums.rectified * np.sqrt(np.maximum(1 - rest[1] ** 2 / np.maximum(local, 1e-300), 0))


def crossings(smooth, rest, starts, ends, until):
    """Beginning and end of the burst of each contact: 20 % of its peak, isolated by 50 ms below."""
    onset, offset = np.full(starts.size, np.nan), np.full(starts.size, np.nan)
    for k, (a, b, c) in enumerate(zip(starts, ends, until)):
        peak = a + int(smooth[a:b].argmax())
        level = 0.2 * smooth[peak]
        if level < 2 * rest[0]:
            continue
        first = max(a - 700, 0)
        low = np.flatnonzero(smooth[first:peak] < level)
        if low.size and low[-1] >= 99 and np.all(smooth[first + low[-1] - 99: first + low[-1] + 1] < level):
            onset[k] = first + low[-1] + 1
        low = np.flatnonzero(smooth[peak:c] < level)
        if low.size and np.all(smooth[peak + low[0]: peak + low[0] + 100] < level):
            offset[k] = peak + low[0]
    return onset, offset


def push_offs(contacts, offs, muscles, knee):
    """Timing of the calf at each contact: half of the EMG, peak, burst, pre-activation, lead, knee angle."""
    following = np.searchsorted(offs, contacts)
    ok = following < offs.size
    contacts, offs = contacts[ok], offs[following[ok]]
    contact = np.round(contacts * RATE).astype(int)
    off, lead, before = np.round(offs * RATE).astype(int), contact - int(0.15 * RATE), contact - int(0.1 * RATE)
    inside = (lead >= 0) & (off + 700 < knee.size)
    contact, off, lead, before = contact[inside], off[inside], lead[inside], before[inside]
    low = signal.butter(2, corrected(12, winter(2), False), "lowpass", fs=RATE, output="sos")
    timing = {}
    for name, (band, envelope, sums, rest) in muscles.items():
        clean = np.concatenate(([0.0], np.cumsum(noise_free(band, sums, rest))))
        half = np.searchsorted(clean, (clean[lead] + clean[off]) / 2) - 1
        smooth = signal.sosfiltfilt(low, sums.rectified)
        onset, offset = crossings(smooth, rest, lead, off, off + 700)
        peak = np.array([a + envelope[a:b].argmax() for a, b in zip(contact, off)])
        ms = 1e3 / RATE
        timing[name] = {
            "t50_ms": (half - contact) * ms,
            "peak_ms": (peak - contact) * ms,
            "onset_ms": (onset - contact) * ms,
            "offset_ms": (offset - contact) * ms,
            "preactivation_fraction": (clean[contact] - clean[before]) / (clean[off] - clean[before]),
        }
    leads = timing["SOL"]["t50_ms"] - sum(WEIGHTS[m] * timing[m]["t50_ms"] for m in WEIGHTS)
    middle = (contact + off) // 2
    ratios = [np.log(ratio_of(muscles, a, b)) for a, b in ((before, contact), (contact, middle), (middle, off))]
    lowest = np.array([knee[a:b].min() for a, b in zip(contact, off)])
    items = []
    for k in range(contact.size):
        items.append({
            "contact_s": contact[k] / RATE,
            "off_s": off[k] / RATE,
            "lead_ms": leads[k],
            "lead_ci90_ms": [leads[k] - 18.6, leads[k] + 18.6],
            "muscles": {m: {key: value[k] for key, value in t.items()} for m, t in timing.items()},
            "phases": [{"log_ratio": r[k]} for r in ratios],
            "knee_deg": [knee[contact[k]], lowest[k], knee[off[k]]],
        })
    return items, {"median_ms": float(np.median(leads)), "ci90_ms": interval(leads), "n": int(leads.size)}


def ratio_of(muscles, a, b):
    """Gastrocnemius over soleus in windows, both of their own peak, noise out of the power."""
    def level(name):
        sums, rest = muscles[name][2], muscles[name][3]
        return np.sqrt(np.maximum(sums.square(a, b) - rest[1] ** 2, 1e-12))
    return np.exp(sum(w * np.log(level(m)) for m, w in WEIGHTS.items())) / level("SOL")


def interval(values):
    """90 % interval of the mean over strides."""
    values = values[np.isfinite(values)]
    half = 1.6449 * values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    return [float(values.mean() - half), float(values.mean() + half)]


def track(levels, rests, references, cvs):
    """Ratio with its interval and class every 5 ms."""
    active = np.zeros(levels["SOL"].size, bool)
    value, variance = {}, {}
    for m in CALF:
        active |= gate(levels[m], rests[m][0], cvs[m])
        clean = np.maximum(levels[m] - rests[m][0], 1e-6)
        value[m] = clean / references[m]
        variance[m] = (cvs[m] * levels[m] / clean) ** 2
    g = sum(w * value[m] for m, w in WEIGHTS.items())
    spread_g = np.sqrt(sum((w * value[m]) ** 2 * variance[m] for m, w in WEIGHTS.items())) / g
    ratio = np.log(g / value["SOL"])
    half = 1.6449 * np.hypot(spread_g, np.sqrt(variance["SOL"]))
    kind = np.where(~active, 0, np.where(ratio - half > 0.2, 3, np.where(ratio + half < -0.2, 1, np.where(
        (ratio - half > -0.2) & (ratio + half < 0.2), 2, 4))))
    return active, ratio, half, kind


def by_angle(active, knee, stride, contacts, offs, sums_of):
    """Log ratio in bins of 10 degrees over strides, against the straight knee."""
    bins = np.round(knee / 10).astype(int)
    inside = active & (stride >= 0) & (stride < contacts.size - 1)
    time = np.arange(knee.size) * STEP_S
    stance = time < offs[np.clip(np.searchsorted(offs, contacts[np.clip(stride, 0, contacts.size - 1)]), 0, offs.size - 1)]
    found = []
    for b in np.unique(bins[inside]):
        chosen = np.flatnonzero(inside & (bins == b))
        n = np.bincount(stride[chosen], minlength=contacts.size)
        # Mean square over the steps of each stride.
        mean = {m: np.bincount(stride[chosen], sums_of[m][chosen], contacts.size) / np.maximum(n, 1) for m in CALF}
        with np.errstate(all="ignore"):
            ratio = np.log(np.exp(sum(w * np.log(mean[m]) / 2 for m, w in WEIGHTS.items())) / np.sqrt(mean["SOL"]))
        ratio = np.where(n >= 4, ratio, np.nan)
        if np.isfinite(ratio).sum() > 1:
            found.append({"knee_deg": float(knee[chosen].mean()), "active_s": float(chosen.size * STEP_S),
                          "n_efforts": int(np.isfinite(ratio).sum()), "log_ratio": float(np.nanmean(ratio)),
                          "dominance": float(np.tanh(np.nanmean(ratio) / 2)), "log_ratio_ci90": interval(ratio),
                          "stance_percent": float(100 * stance[chosen].mean())})
    straight = next((f for f in found if abs(f["knee_deg"]) <= 10), None)
    for f in found:
        f["log_ratio_change"] = f["log_ratio"] - straight["log_ratio"] if straight else None
    return found


def leg(side, raws, bands, envelopes, totals, angles, rests, cvs):
    switch = angles[f"{side} foot switch"].to_numpy()
    times = angles["time_s"].to_numpy()
    contacts = times[1:][np.diff(switch) > 0.5]
    offs = times[1:][np.diff(switch) < -0.5]
    size = bands[f"{side} MG"].size
    low = signal.butter(2, 6 / winter(2), "lowpass", fs=100.0, output="sos")
    smooth = signal.sosfiltfilt(low, angles[f"{side} knee"].to_numpy())
    knee = np.interp(np.arange(size) / RATE, times, smooth)
    out = {}
    curves, muscles = {}, {}
    bad = np.zeros(contacts.size - 1, bool)
    for muscle in CALF:
        bad |= rejected(raws[f"{side} {muscle}"], totals[f"{side} {muscle}"], contacts)
    for muscle in MUSCLES:
        name = f"{side} {muscle}"
        curves[muscle], muscles[muscle] = ensemble(envelopes[name], contacts)
        muscles[muscle].update(activity(bands[name], envelopes[name], totals[name], rests[name], cvs[name]))
        # The calf works from 25 to 50 % of the stride; tibialis anterior has bursts of its own.
        stride = np.diff(contacts)
        bursts = (contacts[:-1] + 0.25 * stride, contacts[:-1] + 0.5 * stride) if muscle in CALF else (
            np.array(muscles[muscle]["onsets_s"]), np.array(muscles[muscle]["offsets_s"]))
        muscles[muscle]["mdf_hz"], muscles[muscle]["mnf_hz"] = frequencies(bands[name], *bursts)
    out["muscles"] = muscles
    _, out["knee"] = ensemble(knee, contacts)
    off = offs[np.minimum(np.searchsorted(offs, contacts[:-1]), offs.size - 1)]
    outliers = [[m for m in MUSCLES if k in muscles[m]["outliers"]] for k in range(contacts.size - 1)]
    out["cycles"] = {
        "n": int(contacts.size - 1), "stride_time_s": float(np.diff(contacts).mean()),
        "stride_time_cv_percent": float(100 * np.diff(contacts).std(ddof=1) / np.diff(contacts).mean()),
        "stance_percent": float(np.mean(100 * (off - contacts[:-1]) / np.diff(contacts))),
        "items": [{"start_s": float(a), "end_s": float(b), "foot_off_s": float(o), "kept": not r, "outlier_muscles": m}
                  for a, b, o, r, m in zip(contacts[:-1], contacts[1:], off, bad, outliers)],
    }
    reference = {m: muscles[m]["peak"] for m in MUSCLES}
    step = int(STEP_S * RATE)
    levels = {m: envelopes[f"{side} {m}"][::step] for m in CALF}
    own = {m: (bands[f"{side} {m}"], envelopes[f"{side} {m}"], totals[f"{side} {m}"], rests[f"{side} {m}"]) for m in CALF}
    active, ratio, half, kind = track(levels, {m: own[m][3] for m in CALF}, reference, {m: cvs[f"{side} {m}"] for m in CALF})
    stride = np.searchsorted(contacts, np.arange(active.size) * STEP_S, side="right") - 1
    edges = np.minimum(np.arange(active.size + 1) * step, size)
    squares = {m: np.maximum(own[m][2].square(edges[:-1], edges[1:]) - own[m][3][1] ** 2, 1e-12) for m in CALF}
    by_phase = []
    for a, b in PHASES:
        at = [np.round((contacts[:-1] + p / 100 * np.diff(contacts)) * RATE).astype(int) for p in (a, b)]
        values = np.log(ratio_of(own, *at))
        by_phase.append({"from_percent": a, "to_percent": b, "log_ratio": float(values.mean()),
                         "dominance": float(np.tanh(values.mean() / 2)), "log_ratio_ci90": interval(values)})
    out["dominance"] = {
        "class_duration_s": {str(k): float((kind == k).sum() * STEP_S) for k in range(5)},
        "by_angle": by_angle(active, knee[::step], stride, contacts, offs, squares), "by_phase": by_phase,
    }
    out["pushoffs"], out["lead_summary"] = push_offs(contacts, offs, own, knee)
    return out


def crosstalk(bands):
    """Largest correlation of every two calf channels within 30 ms, over the first minute."""
    calf = {name: band[:120_000] - band[:120_000].mean() for name, band in bands.items() if name[2:] in CALF}
    length = 1 << 18
    transforms = {name: np.fft.rfft(x, length) for name, x in calf.items()}
    norms = {name: np.sqrt(x @ x) for name, x in calf.items()}
    names, found = list(calf), {}
    for at, a in enumerate(names):
        for b in names[at + 1:]:
            lags = np.fft.irfft(np.conj(transforms[a]) * transforms[b], length)
            found[f"{a}-{b}"] = float(np.abs(np.concatenate((lags[:61], lags[-60:]))).max() / (norms[a] * norms[b]))
    return found


def review(path):
    emg, angles = read(path)
    names = [c for c in emg.columns if c != "time_s"]
    raw = np.ascontiguousarray(emg[names].to_numpy().T)
    edges = [corrected(20, winter(2), True), corrected(450, winter(2), False)]
    band = signal.sosfiltfilt(signal.butter(2, edges, "bandpass", fs=RATE, output="sos"), raw, axis=-1)
    low = signal.butter(2, corrected(6, winter(2), False), "lowpass", fs=RATE, output="sos")
    envelope = signal.sosfiltfilt(low, np.abs(band), axis=-1)
    raws, bands, envelopes = (dict(zip(names, x)) for x in (raw, band, envelope))
    totals = {name: Sums(x) for name, x in bands.items()}
    rests = {name: rest_level(sums, band.shape[1]) for name, sums in totals.items()}
    cvs = {name: float(np.sqrt((np.pi / 2 - 1) * 2 * 5.5 / bandwidth(x) / 2)) for name, x in bands.items()}
    report = {
        "quality": {name: quality(raws[name], bands[name]) for name in names},
        "crosstalk": crosstalk(bands),
        "sides": {word: leg(side, raws, bands, envelopes, totals, angles, rests, cvs)
                  for side, word in (("L", "left"), ("R", "right"))},
    }
    report["events"] = [
        {"time_s": item["contact_s"], "kind": "foot_contact", "side": word} for word in report["sides"]
        for item in report["sides"][word]["pushoffs"]
    ]
    return json.dumps(report, default=float, indent=2)
