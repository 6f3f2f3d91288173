//! Results to other programs and marks from them, with real processes: an emulated board, a live session, a listener.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

#[path = "common/process.rs"]
mod process;

use process::Process;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn surae() -> Command {
    Command::new(env!("CARGO_BIN_EXE_surae"))
}

/// The address behind `prefix` in what the session says where it listens.
fn address(lines: &mut impl Iterator<Item = String>, prefix: &str) -> String {
    lines.find_map(|line| line.strip_prefix(prefix).map(str::to_owned)).unwrap()
}

#[test]
fn a_listener_gets_what_standard_output_gets_and_marks_come_by_udp() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("port");
    let _emulator = Process(
        surae()
            .args(["emulate", "--device", "ascii", "--link"])
            .arg(&link)
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let patience = Instant::now();
    while !link.exists() {
        assert!(patience.elapsed() < Duration::from_secs(60), "no port");
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut live = Process(
        surae()
            .args(["live", "--device", "ascii", "--output", "jsonl", "--port"])
            .arg(&link)
            .args(["--serve", "tcp://127.0.0.1:0", "--token", "secret", "--marks", "udp://127.0.0.1:0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut commands = live.0.stdin.take().unwrap();
    let mut said = BufReader::new(live.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let output = BufReader::new(live.0.stdout.take().unwrap());
    let output = std::thread::spawn(move || output.lines().map(Result::unwrap).collect::<Vec<_>>());
    let results = address(&mut said, "results at tcp://");
    let marks = address(&mut said, "marks at udp://");
    let mut stream = TcpStream::connect(&results).unwrap();
    stream.write_all(b"token secret\n").unwrap();
    let mut heard = BufReader::new(stream).lines().map(Result::unwrap);
    let header = heard.next().unwrap();
    assert!(header.contains("surae.stream/1"), "{header}");
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"mark 7\n", &marks).unwrap();
    // Decisions go on until the mark is among them.
    let (mut estimates, mut mark) = (0, String::new());
    for line in heard.by_ref() {
        estimates += usize::from(line.contains("\"estimate\""));
        if line.contains("\"mark\"") {
            mark = line;
        }
        if !mark.is_empty() && estimates > 20 {
            break;
        }
    }
    assert!(mark.contains("\"code\":7"), "{mark}");
    writeln!(commands, "stop").unwrap();
    let rest: Vec<String> = heard.collect();
    let printed = output.join().unwrap();
    assert_eq!(printed[0], header);
    assert!(printed.contains(&mark));
    // To the very end: what was heard last is what was printed last.
    assert_eq!(rest.last(), printed.last());
}
