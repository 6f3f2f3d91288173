//! The emulator on a pseudo-terminal.

#[cfg(unix)]
pub(super) use unix::play;

#[cfg(unix)]
mod unix {
    use super::super::speaker::Speaker;
    use crate::failure::Failure;
    use crate::output;
    use serialport::{ClearBuffer, SerialPort, TTYPort};
    use std::io::{self, Read, Write};
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;
    use std::sync::atomic::Ordering;
    use std::time::{Duration, Instant};

    /// Bytes a pseudo-terminal holds before its reader takes them; that many unread means that nobody reads.
    const FULL: u32 = 3500;
    /// Bytes delivered after which someone must be reading.
    const READ_BY_SOMEONE: u64 = 16 << 10;
    /// Bytes written at a time: few enough that a write that was said to fit does not block.
    const PIECE: usize = 256;

    /// A pseudo-terminal: the device's end, and the reading end, which is only held, never locked: the session opens it by its path.
    struct Pair {
        device: TTYPort,
        reader: TTYPort,
        _link: Option<Link>,
        shown: String,
    }

    impl Pair {
        fn open(link: Option<&Path>) -> Result<Self, Failure> {
            let refused = |error: serialport::Error| {
                Failure::refused(format!("no pseudo-terminal: {error}"), "check that /dev/ptmx can be opened")
            };
            let (mut device, reader) = TTYPort::pair().map_err(refused)?;
            device.set_timeout(Duration::from_millis(1)).map_err(refused)?;
            let path = reader.name().unwrap_or_default();
            let link = link.map(|link| Link::new(link, &path)).transpose()?;
            let shown = link.as_ref().map_or(path, |link| link.path.display().to_string());
            Ok(Self { device, reader, _link: link, shown })
        }

        fn unread(&self) -> u32 {
            self.reader.bytes_to_read().unwrap_or(0)
        }
    }

    pub(in super::super) fn play(
        mut speaker: Speaker,
        link: Option<&Path>,
        duration_s: Option<f64>,
    ) -> Result<ExitCode, Failure> {
        let mut pair = Some(Pair::open(link)?);
        let mut out = output::stdout();
        writeln!(out, "{}", pair.as_ref().map_or("", |pair| pair.shown.as_str()))?;
        out.flush()?;
        drop(out);
        let interrupted = super::super::super::interrupt::flag()?;
        let (mut started, mut delivered, mut lost) = (Instant::now(), 0_u64, 0_u64);
        let mut replugged = false;
        let mut bytes = Vec::new();
        // A device that waits for a command counts its time from the first one.
        let mut heard = speaker.is_streaming();
        loop {
            let passed_s = started.elapsed().as_secs_f64();
            if interrupted.load(Ordering::Relaxed) {
                let _ = writeln!(io::stdout(), "{} samples sent", speaker.index);
                return Ok(ExitCode::SUCCESS);
            }
            if heard && duration_s.is_some_and(|duration_s| passed_s >= duration_s) {
                // The reader gets what was sent before the device goes away.
                for _ in 0..100 {
                    if pair.as_ref().is_none_or(|pair| pair.unread() == 0) {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
                if lost > 0 {
                    let _ = writeln!(io::stderr(), "{lost} bytes found no room: the reader was too slow");
                }
                return Ok(ExitCode::SUCCESS);
            }
            if let Some((away_s, back_s)) = speaker.replug_s().filter(|_| heard) {
                if (away_s..back_s).contains(&passed_s) {
                    pair = None;
                } else if passed_s >= back_s && !replugged {
                    replugged = true;
                    let again = link.map(renamed);
                    pair = Some(Pair::open(again.as_deref())?);
                    // A board that lost its power starts anew.
                    speaker.unplugged(&mut bytes);
                }
            }
            speaker.until(passed_s, &mut bytes);
            if let Some(pair) = &mut pair {
                let mut said = [0; 256];
                if let Ok(n @ 1..) = pair.device.read(&mut said) {
                    if !std::mem::replace(&mut heard, true) {
                        (started, delivered, lost) = (Instant::now(), 0, 0);
                        speaker.restart(&mut Vec::new());
                    }
                    let now_s = started.elapsed().as_secs_f64();
                    speaker.hear(&said[..n], now_s, &mut bytes);
                }
                let sent = send(&mut pair.device, &bytes)?;
                lost += (bytes.len() - sent) as u64;
                delivered += sent as u64;
                if delivered < READ_BY_SOMEONE && pair.unread() >= FULL {
                    // Nobody is there yet: switch off, and on again.
                    let _ = pair.device.clear(ClearBuffer::All);
                    let _ = pair.reader.clear(ClearBuffer::Input);
                    speaker.restart(&mut Vec::new());
                    (started, delivered, lost) = (Instant::now(), 0, 0);
                }
            }
            bytes.clear();
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The name under which the port comes back: `calf` becomes `calf-2`.
    fn renamed(link: &Path) -> PathBuf {
        let mut name = link.file_name().unwrap_or_default().to_owned();
        name.push("-2");
        link.with_file_name(name)
    }

    /// Writes what fits; a device does not wait for its reader.
    fn send(device: &mut TTYPort, bytes: &[u8]) -> Result<usize, Failure> {
        let mut sent = 0;
        for piece in bytes.chunks(PIECE) {
            match device.write(piece) {
                Ok(n) if n == piece.len() => sent += n,
                Ok(n) => return Ok(sent + n),
                Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                    return Ok(sent);
                }
                Err(error) => {
                    return Err(Failure::refused(format!("the pseudo-terminal: {error}"), "start it again"));
                }
            }
        }
        Ok(sent)
    }

    /// A symbolic link that goes away with the device.
    struct Link {
        path: PathBuf,
    }

    impl Link {
        fn new(path: &Path, target: &str) -> Result<Self, Failure> {
            if path.is_symlink() {
                std::fs::remove_file(path).map_err(|error| Failure::writing(path, &error))?;
            }
            std::os::unix::fs::symlink(target, path).map_err(|error| Failure::writing(path, &error))?;
            Ok(Self { path: path.to_owned() })
        }
    }

    impl Drop for Link {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(not(unix))]
pub(super) fn play(
    _: super::speaker::Speaker,
    _: Option<&std::path::Path>,
    _: Option<f64>,
) -> Result<std::process::ExitCode, crate::failure::Failure> {
    Err(crate::failure::Failure::refused("pseudo-terminals exist on Unix only", "run it on Linux or macOS"))
}
