//! The emulator of a Lab Streaming Layer stream: a trial's samples, each stamped when it was taken.

use crate::failure::Failure;
use surae_io::device::faults::Faults;
use surae_trial::Stream;

/// Faults that a stream can have; the others are of bytes, counters and cables, which it has not.
const FAULTS: [&str; 6] = ["drop-frame", "hole", "silence", "rail", "flat", "burst"];

/// Refuses faults that a stream cannot have.
pub(super) fn check(stated: &[String]) -> Result<(), Failure> {
    let name = |fault: &String| fault.split('=').next().unwrap_or_default().to_owned();
    match stated.iter().map(name).find(|name| !FAULTS.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Failure::usage(
            format!("--fault {name}: a stream has no bytes, counter or cable of its own"),
            format!("faults of --device lsl: {}", FAULTS.join(", ")),
        )),
    }
}

#[cfg(not(feature = "lsl"))]
pub(super) fn play(
    _: &str,
    _: &Stream,
    _: Faults,
    _: f64,
    _: Option<f64>,
) -> Result<std::process::ExitCode, Failure> {
    Err(Failure::refused(surae_io::NO_LSL, "build it with `cargo build --release --features lsl`"))
}

/// Offers the stream under this name and sends its samples in real time, from its start again at its end.
#[cfg(feature = "lsl")]
pub(super) fn play(
    name: &str,
    stream: &Stream,
    faults: Faults,
    rate_error_ppm: f64,
    duration_s: Option<f64>,
) -> Result<std::process::ExitCode, Failure> {
    use super::rows::{self, Rows};
    use std::io::Write;
    use std::sync::atomic::Ordering;
    use surae_io::device::faults::Wire;
    use surae_io::lsl::{LslError, Offer, Outlet, local_clock};

    let refused = |error: LslError| {
        Failure::refused(
            format!("--device lsl: {error}"),
            "`pip install pylsl` brings liblsl; SURAE_LSL_LIB names it",
        )
    };
    let rows = Rows::as_they_are(stream);
    let offer = Offer {
        name: name.to_owned(),
        kind: "EMG".to_owned(),
        source_id: format!("surae-emulated-{name}"),
        rate_hz: rows.rate_hz(),
        is_text: false,
        channels: stream
            .channels
            .iter()
            .map(|channel| {
                let kind = if channel.role.kind.is_emg() { "EMG" } else { "" };
                (rows::column_name(channel), channel.unit.symbol().to_owned(), kind.to_owned())
            })
            .collect(),
    };
    let mut outlet = Outlet::open(&offer).map_err(refused)?;
    let mut out = crate::output::stdout();
    writeln!(out, "{name}")?;
    out.flush()?;
    drop(out);
    let interrupted = super::super::interrupt::flag()?;
    let (start_s, burst_s) = (local_clock().map_err(refused)?, faults.burst_ms * 1e-3);
    let wire = Wire::new(faults);
    let rate_hz = rows.rate_hz() * (1.0 + rate_error_ppm * 1e-6);
    let (mut index, mut sent, mut let_go_s, mut row) = (0, 0_u64, 0.0, Vec::new());
    loop {
        let passed_s = local_clock().map_err(refused)? - start_s;
        if duration_s.is_some_and(|duration_s| passed_s >= duration_s) || interrupted.load(Ordering::Relaxed)
        {
            let _ = writeln!(std::io::stdout(), "{sent} samples sent");
            return Ok(std::process::ExitCode::SUCCESS);
        }
        if passed_s - let_go_s >= burst_s {
            let_go_s = passed_s;
            while (index as f64) < passed_s * rate_hz {
                let time_s = index as f64 / rate_hz;
                if rows.row(index, &mut row) && !wire.swallows(index, time_s) {
                    wire.values(&mut row, 0.0, |_| 1e6);
                    outlet.push(&row, start_s + time_s).map_err(refused)?;
                    sent += 1;
                }
                index += 1;
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}
