//! `surae devices`: the ports of this machine and the devices that Surae speaks with.

use crate::failure::Failure;
use crate::output;
use clap::Args as ClapArgs;
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;
use surae_io::device::Protocol;
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

const fn known(
    name: &'static str,
    what: &'static str,
    rate: &'static str,
    channels: &'static str,
    aux: &'static str,
) -> Known {
    Known { name, what, rate, channels, aux }
}

/// Said of boards whose rate covers only a part of the EMG band.
const ENVELOPE_ONLY: &str = "250 Hz a channel: covers EMG to 125 Hz, so envelope only, compared with itself";

const KNOWN: [Known; 13] = [
    known(
        "ascii",
        "lines of text from any Arduino or MyoWare sketch: RMG:512,RSOL:300,knee:12.5",
        "as sent; name a column micros or t_us so that time and gaps are exact (115200 baud carries about 300 lines of 35 bytes a second)",
        "up to 255 columns",
        "knee angle, foot switch, force, accelerometer: any further column, named",
    ),
    known(
        "surae",
        "Surae's own binary frame for your own sensor: docs/firmware has the sketch",
        "as sent; counter, device time and checksum in every frame: the best choice for what you build",
        "up to 255, 16 bits",
        "any further channel",
    ),
    known(
        "cyton",
        "OpenBCI Cyton through its dongle (set the FTDI latency to 1 ms)",
        ENVELOPE_ONLY,
        "8, 24 bits, microvolts by gain",
        "aux=analog: A5 A6 A7 (goniometer); aux=digital: D11 D12 D13 D17 D18 (foot switches); acceleration otherwise",
    ),
    known(
        "cyton-daisy",
        "OpenBCI Cyton with Daisy",
        "125 Hz a channel: covers EMG to 62 Hz, so envelope only, compared with itself",
        "16, 24 bits, microvolts by gain",
        "as cyton",
    ),
    known(
        "chords",
        "Upside Down Labs Chords boards; if yours stays silent try --baud 115200",
        "250 or 500 Hz without anti-alias filter: envelope only, compared with itself",
        "3 to 16, 10 to 16 bits, no volts stated",
        "any spare input",
    ),
    known(
        "backyard",
        "Backyard Brains SpikerBoxes",
        "10000 Hz over the number of channels; half a percent off, so it is measured",
        "1 to 8, 10 or 14 bits, no volts stated",
        "events 0-9 become marks; any spare input",
    ),
    known(
        "bitalino",
        "BITalino (r)evolution over its Bluetooth serial port",
        "1000 Hz (--rate 1, 10, 100 or 1000); its counter turns every 16 samples: lengths of gaps are estimates",
        "6: A1-A4 10 bits, A5-A6 6 bits (not for EMG)",
        "I1 I2 (foot switches), a goniometer on a spare input",
    ),
    known(
        "hackeeg",
        "HackEEG shield (ADS1299) on an Arduino Due",
        "--rate 250 to 16000 Hz, 1000 otherwise; device time and a 32-bit counter",
        "8, 24 bits, microvolts by gain",
        "GPIO1-4 (foot switch, sync), lead-off bits, a spare input",
    ),
    known(
        "freeeeg",
        "FreeEEG32 and FreeEEG128",
        "measured",
        "32 or 128, 24 bits, microvolts",
        "any spare input",
    ),
    known(
        "knight",
        "NeuroPawn Knight, with or without IMU",
        "measured; 125 Hz covers EMG to 62 Hz: envelope only, compared with itself",
        "8, 16 bits, microvolts by gain",
        "lead-off bits, IMU",
    ),
    known(
        "trigno",
        "Delsys Trigno: --port tcp://HOST of the computer that runs the Trigno Control Utility",
        "as the base station says (1926 Hz)",
        "16 slots, volts",
        "goniometer and FSR adapters come as EMG slots; acceleration and gyroscope as a second stream",
    ),
    known(
        "lsl",
        "a Lab Streaming Layer stream: --lsl NAME or --lsl type=EMG (a build with --features lsl, and liblsl)",
        "as the stream says, by its own stamps",
        "up to 1024; labels and units as the stream describes them",
        "any channel or further stream; text streams with --marks lsl://NAME",
    ),
    known("auto", "asks the chosen port, and only that one, who is there", "-", "-", "-"),
];

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let ports = port::list()?;
    let mut out = output::stdout();
    if args.json {
        let ports: Vec<_> =
            ports.iter().map(|port| json!({"path": port.path, "description": port.description})).collect();
        let devices: Vec<_> = KNOWN
            .iter()
            .map(|d| {
                json!({"name": d.name, "what": d.what, "rate": d.rate, "channels": d.channels, "aux": d.aux,
                "emulator_tested_only": is_emulator_tested(d.name)})
            })
            .collect();
        output::write_json(
            &mut out,
            &json!({"ports": ports, "devices": devices, "threads": surae_engine::priorities()}),
        )?;
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
            if is_emulator_tested(device.name) {
                writeln!(out, "  note      tried with its emulator, not yet with the device")?;
            }
        }
        writeln!(out, "\nOn this computer {}.", surae_engine::priorities())?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn is_emulator_tested(name: &str) -> bool {
    Protocol::ALL.into_iter().any(|protocol| protocol.name() == name && protocol.is_emulator_tested_only())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_is_described() {
        let described: Vec<&str> = KNOWN.iter().map(|device| device.name).collect();
        assert_eq!(described, Protocol::ALL.map(Protocol::name));
    }
}
