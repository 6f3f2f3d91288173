//! `surae live --latency-test`: how long samples take on this machine, in words or as JSON.

use super::stream::Form;
use crate::failure::Failure;
use std::process::ExitCode;

#[cfg(unix)]
pub fn run(seconds: f64, form: Form) -> Result<ExitCode, Failure> {
    use crate::output;
    use serde_json::json;
    use std::io::Write;
    use surae_engine::latency::{CHANNELS, Quantiles, RATE_HZ, latency};

    if !(2.0..=3600.0).contains(&seconds) {
        return Err(Failure::usage("--latency-test runs 2 to 3600 s", "for example --duration 10"));
    }
    let found = latency(seconds)
        .map_err(|error| Failure::refused(error.to_string(), "check that /dev/ptmx can be opened"))?;
    let mut out = output::stdout();
    let over_ms = found.decision.p99_ms - found.wire.p99_ms;
    if form == Form::Jsonl {
        let of = |q: Quantiles| json!({"p50_ms": q.p50_ms, "p99_ms": q.p99_ms, "n": q.n});
        let value = json!({
            "type": "latency", "channels": CHANNELS, "rate_hz": RATE_HZ, "wire": of(found.wire),
            "decode": of(found.decode), "decision": of(found.decision), "decision_over_wire_p99_ms": over_ms,
            "lost_frames": found.lost,
            "lag_ms": {"envelope": found.lag.envelope_s * 1e3, "angle_wait": found.lag.angle_wait_s * 1e3, "dwell": found.lag.dwell_s * 1e3},
        });
        writeln!(out, "{value}")?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "{CHANNELS} channels at {RATE_HZ} Hz over a pseudo-terminal, {seconds:.0} s; times from the write on, in ms"
    )?;
    writeln!(out, "{:30} {:>8} {:>8} {:>8}", "", "p50", "p99", "n")?;
    for (name, q) in [
        ("the wire alone (bare reader)", found.wire),
        ("to decoded", found.decode),
        ("to a decision", found.decision),
    ] {
        writeln!(out, "{name:30} {:8.3} {:8.3} {:8}", q.p50_ms, q.p99_ms, q.n)?;
    }
    writeln!(out, "a decision's p99 is {over_ms:.3} ms above that of the wire; {} frames lost", found.lost)?;
    writeln!(
        out,
        "apart from that, by the settings: envelope lag {:.0} ms, knee angle awaited {:.0} ms, classes change after {:.0} ms",
        found.lag.envelope_s * 1e3,
        found.lag.angle_wait_s * 1e3,
        found.lag.dwell_s * 1e3
    )?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(unix))]
pub fn run(_: f64, _: Form) -> Result<ExitCode, Failure> {
    Err(Failure::refused("the latency test needs a pseudo-terminal", "run it on Linux or macOS"))
}
