//! An emulated device for tests of `surae live`: 16 channels at 2 kHz on a pseudo-terminal.

#[path = "process.rs"]
mod process;

pub use process::Process;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Rate of the emulated device.
pub const RATE_HZ: f64 = 2000.0;
/// Its channels.
pub const CHANNELS: usize = 16;

pub fn surae() -> Command {
    Command::new(env!("CARGO_BIN_EXE_surae"))
}

/// Ten seconds of 16 channels at 2 kHz as a trial that the emulator can play.
pub fn trial(path: &Path) {
    let labels: Vec<String> = (0..CHANNELS)
        .map(|k| match k {
            0 => "RMG".to_owned(),
            1 => "RSOL".to_owned(),
            k => format!("ch{k}"),
        })
        .collect();
    let mut text = format!(
        "# schema = \"surae.csv/1\"\n# stream = \"emg\"\n# rate_hz = {RATE_HZ}\n# start_s = 0.0\ntime_s,{}\n",
        labels.join(",")
    );
    for k in 0..(10.0 * RATE_HZ) as usize {
        text.push_str(&format!("{:.4}", k as f64 / RATE_HZ));
        for channel in 0..CHANNELS {
            let noise = ((k * CHANNELS + channel) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54;
            text.push_str(&format!(",{}", noise as i64 - 512));
        }
        text.push('\n');
    }
    fs::write(path, text).expect("written");
}

/// An emulator that plays `trial.csv` of the folder on a port, which is there when this returns.
pub fn emulator(folder: &Path, link: &Path) -> Process {
    let emulator = Process(
        surae()
            .args(["emulate", "--device", "ascii", "--trial"])
            .arg(folder.join("trial.csv"))
            .arg("--link")
            .arg(link)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the emulator starts"),
    );
    let patience = Instant::now();
    while !link.exists() {
        assert!(patience.elapsed() < Duration::from_secs(60), "no port");
        thread::sleep(Duration::from_millis(10));
    }
    emulator
}
