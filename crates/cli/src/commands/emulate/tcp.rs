//! The emulator of a Trigno base station: commands, EMG and auxiliary values on three TCP ports of this machine.

use super::inertia::Inertia;
use super::speaker::Speaker;
use crate::failure::Failure;
use crate::output;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use surae_io::device::trigno::{AUX_CHANNELS, AUX_PORT, COMMAND_PORT, EMG_PORT, FRAME_S, encode};

const BANNER: &[u8] = b"Delsys Trigno System Digital Protocol Version 2.6.0 (emulated by surae)\r\n\r\n";

/// Auxiliary sets in a frame of 13.5 ms.
const AUX_SETS: u64 = 2;

pub(super) fn play(
    mut speaker: Speaker,
    inertia: Option<&Inertia>,
    port: u16,
    duration_s: Option<f64>,
) -> Result<ExitCode, Failure> {
    let listen = |offset: u16| -> Result<TcpListener, Failure> {
        let at = port.saturating_add(offset);
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, at)).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok(listener)
        });
        bound.map_err(|error| {
            Failure::refused(format!("TCP port {at}: {error}"), "choose other ports with --tcp-port")
        })
    };
    let listeners = [listen(0)?, listen(EMG_PORT - COMMAND_PORT)?, listen(AUX_PORT - COMMAND_PORT)?];
    let mut out = output::stdout();
    writeln!(out, "tcp://127.0.0.1:{port}")?;
    out.flush()?;
    drop(out);
    let interrupted = super::super::interrupt::flag()?;
    let mut peers: [Option<TcpStream>; 3] = [None, None, None];
    let (mut started, mut heard, mut aux_sets) = (Instant::now(), false, 0);
    loop {
        let passed_s = started.elapsed().as_secs_f64();
        let over = heard && duration_s.is_some_and(|duration_s| passed_s >= duration_s);
        if over || interrupted.load(Ordering::Relaxed) {
            let _ = writeln!(io::stdout(), "{} samples sent", speaker.index);
            return Ok(ExitCode::SUCCESS);
        }
        for (at, listener) in listeners.iter().enumerate() {
            if let Ok((mut peer, _)) = listener.accept() {
                let greeting: &[u8] = if at == 0 { BANNER } else { b"" };
                if peer.set_nonblocking(true).is_ok() && peer.write_all(greeting).is_ok() {
                    peers[at] = Some(peer);
                }
            }
        }
        let (mut replies, mut emg, mut said) = (Vec::new(), Vec::new(), [0; 512]);
        speaker.until(passed_s, &mut emg);
        if let Some(peer) = &mut peers[0] {
            match peer.read(&mut said) {
                Ok(0) => peers[0] = None,
                Ok(n) => {
                    if !std::mem::replace(&mut heard, true) {
                        (started, aux_sets) = (Instant::now(), 0);
                        speaker.restart(&mut Vec::new());
                    }
                    speaker.hear(&said[..n], started.elapsed().as_secs_f64(), &mut replies);
                }
                Err(_) => {}
            }
        }
        send(&mut peers[0], &replies);
        let due = (passed_s / FRAME_S) as u64 * AUX_SETS;
        if !speaker.is_streaming() {
            // They begin with the EMG.
            aux_sets = due;
        } else {
            let mut aux = Vec::new();
            while aux_sets < due {
                let time_s = aux_sets as f64 * FRAME_S / AUX_SETS as f64;
                let values = inertia.map_or_else(Vec::new, |inertia| inertia.set(time_s));
                encode(&values, AUX_CHANNELS, &mut aux);
                aux_sets += 1;
            }
            send(&mut peers[1], &emg);
            send(&mut peers[2], &aux);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Sends to a peer, which is let go when it does not take it.
fn send(peer: &mut Option<TcpStream>, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let Some(stream) = peer else { return };
    let _ = stream.set_nonblocking(false);
    let _ = stream.set_write_timeout(Some(Duration::from_millis(500)));
    let done = stream.write_all(bytes);
    let _ = stream.set_nonblocking(true);
    if done.is_err() {
        *peer = None;
    }
}
