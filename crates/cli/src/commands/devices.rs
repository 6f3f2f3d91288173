//! `surae devices`: the ports of this machine and the devices that Surae speaks with.

use crate::failure::Failure;
use crate::output;
use clap::Args as ClapArgs;
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;
use surae_io::port;

/// List serial ports and supported devices
#[derive(ClapArgs)]
#[command(after_help = "Example: surae devices --json")]
pub struct Args {
    /// JSON instead of words
    #[arg(long)]
    json: bool,
}

/// What there is to know before wiring a device.
struct Known {
    name: &'static str,
    what: &'static str,
    rate: &'static str,
    channels: &'static str,
    aux: &'static str,
}

const KNOWN: [Known; 1] = [Known {
    name: "ascii",
    what: "lines of text from any Arduino or MyoWare sketch: RMG:512,RSOL:300,knee:12.5",
    rate: "as sent; name a column micros or t_us so that time and gaps are exact (115200 baud carries about 300 lines of 35 bytes a second)",
    channels: "up to 255 columns",
    aux: "knee angle, foot switch, force, accelerometer: any further column, named",
}];

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let ports = port::list()?;
    let mut out = output::stdout();
    if args.json {
        let ports: Vec<_> =
            ports.iter().map(|port| json!({"path": port.path, "description": port.description})).collect();
        let devices: Vec<_> = KNOWN
            .iter()
            .map(|d| json!({"name": d.name, "what": d.what, "rate": d.rate, "channels": d.channels, "aux": d.aux}))
            .collect();
        output::write_json(&mut out, &json!({"ports": ports, "devices": devices}))?;
    } else {
        if ports.is_empty() {
            writeln!(out, "No serial port found. Pseudo-terminals are never listed: type their path.")?;
        }
        for port in &ports {
            writeln!(out, "{:24} {}", port.path, port.description)?;
        }
        for device in &KNOWN {
            writeln!(out, "\n--device {}: {}", device.name, device.what)?;
            writeln!(out, "  rate      {}", device.rate)?;
            writeln!(out, "  channels  {}", device.channels)?;
            writeln!(out, "  besides   {}", device.aux)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
