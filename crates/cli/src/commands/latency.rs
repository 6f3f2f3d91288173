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
    let before = Ticks::now();
    let found = latency(seconds)
        .map_err(|error| Failure::refused(error.to_string(), "check that /dev/ptmx can be opened"))?;
    let stolen = before.zip(Ticks::now()).map(|(before, after)| after.stolen_since(before));
    let mut out = output::stdout();
    let over_ms = found.decision.p99_ms - found.wire.p99_ms;
    if form == Form::Jsonl {
        let of = |q: Quantiles| json!({"p50_ms": q.p50_ms, "p99_ms": q.p99_ms, "n": q.n});
        let value = json!({
            "type": "latency", "channels": CHANNELS, "rate_hz": RATE_HZ, "wire": of(found.wire),
            "decode": of(found.decode), "decision": of(found.decision), "decision_over_wire_p99_ms": over_ms,
            "lost_frames": found.lost, "stolen_share": stolen,
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
    if let Some(share) = stolen.filter(|share| *share > NOTEWORTHY) {
        writeln!(
            out,
            "the host of this virtual machine kept {:.1} % of the processors' time for others: that is in these numbers; repeat on a \
             quiet one",
            share * 100.0
        )?;
    }
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

/// Share of stolen time that shows in a 99th percentile.
#[cfg(unix)]
const NOTEWORTHY: f64 = 1e-3;

/// What the processors have done since the system started: where it runs in a virtual machine, time that it was ready to run and the
/// host ran others.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ticks {
    stolen: u64,
    all: u64,
}

#[cfg(unix)]
impl Ticks {
    /// `None` where the system does not say (other than Linux).
    fn now() -> Option<Self> {
        Self::parse(&std::fs::read_to_string("/proc/stat").ok()?)
    }

    /// `cpu user nice system idle iowait irq softirq steal ...` (proc(5)); guest times are in user already.
    fn parse(stat: &str) -> Option<Self> {
        let fields = stat.lines().next()?.strip_prefix("cpu ")?;
        let fields: Vec<u64> =
            fields.split_whitespace().map_while(|field| field.parse().ok()).take(8).collect();
        Some(Self { stolen: *fields.get(7)?, all: fields.iter().sum() })
    }

    fn stolen_since(self, before: Self) -> f64 {
        self.stolen.saturating_sub(before.stolen) as f64 / self.all.saturating_sub(before.all).max(1) as f64
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::Ticks;

    #[test]
    fn stolen_time_is_read_as_the_system_writes_it() {
        let of = |line: &str| Ticks::parse(line);
        let before = of("cpu  100 0 50 800 10 0 5 20 7 0\ncpu0 1 2 3\n").expect("Linux writes this");
        assert_eq!(before, Ticks { stolen: 20, all: 985 });
        let after = of("cpu  150 0 50 840 10 0 5 30 7 0\n").expect("Linux writes this");
        assert!((after.stolen_since(before) - 0.1).abs() < 1e-12);
        assert_eq!(of("cpu  1 2 3"), None);
    }
}

#[cfg(not(unix))]
pub fn run(_: f64, _: Form) -> Result<ExitCode, Failure> {
    Err(Failure::refused("the latency test needs a pseudo-terminal", "run it on Linux or macOS"))
}
