//! Results to other programs over real sockets: what listeners get, who is let in, and what a slow one costs.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failing helper fails its test; tests may sleep"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use surae_engine::publish::{Endpoint, PublishError, Publisher};
use surae_gait::pipeline::Record;
use surae_trial::{SampleIndex, Seconds};
use tungstenite::{Message, client::IntoClientRequest};

const HEADER: &str = r#"{"type":"header"}"#;

fn local(scheme: &str) -> Endpoint {
    format!("{scheme}://127.0.0.1:0").parse().unwrap()
}

fn opened(scheme: &str, token: Option<&str>) -> (Publisher, SocketAddr) {
    let publisher = Publisher::open(&[local(scheme)], token, HEADER).unwrap();
    let address = publisher.addresses().next().unwrap();
    (publisher, address)
}

fn wait_for(publisher: &mut Publisher, listeners: usize) {
    let started = Instant::now();
    while publisher.counts().listeners < listeners {
        assert!(started.elapsed() < Duration::from_secs(10), "nobody was let in");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_tcp_listener_gets_the_header_and_every_line_to_the_end() {
    let (mut publisher, address) = opened("tcp", None);
    let stream = TcpStream::connect(address).unwrap();
    wait_for(&mut publisher, 1);
    for k in 0..100 {
        publisher.line(&format!("{{\"k\":{k}}}"));
    }
    drop(publisher);
    let lines: Vec<String> = BufReader::new(stream).lines().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 101);
    assert_eq!(lines[0], HEADER);
    assert_eq!(lines[100], "{\"k\":99}");
}

#[test]
fn a_token_is_asked_for_and_checked_over_tcp() {
    let (mut publisher, address) = opened("tcp", Some("secret"));
    let mut wrong = TcpStream::connect(address).unwrap();
    wrong.write_all(b"token wrong\n").unwrap();
    let mut said = String::new();
    wrong.read_to_string(&mut said).unwrap();
    assert!(said.contains("refused") && !said.contains("header"), "{said}");
    let mut right = TcpStream::connect(address).unwrap();
    right.write_all(b"token secret\n").unwrap();
    wait_for(&mut publisher, 1);
    publisher.line("{}");
    let mut lines = BufReader::new(right).lines();
    assert_eq!(lines.next().unwrap().unwrap(), HEADER);
    assert_eq!(lines.next().unwrap().unwrap(), "{}");
}

#[test]
fn an_address_that_others_reach_needs_a_token() {
    let everywhere: Endpoint = "tcp://0.0.0.0:0".parse().unwrap();
    assert!(matches!(Publisher::open(&[everywhere], None, HEADER), Err(PublishError::TokenRequired { .. })));
    assert!(Publisher::open(&[everywhere], Some("secret"), HEADER).is_ok());
}

#[test]
fn a_websocket_listener_gets_text_frames_and_pings_are_answered() {
    let (mut publisher, address) = opened("ws", None);
    let (mut socket, _) =
        tungstenite::client(format!("ws://{address}/"), TcpStream::connect(address).unwrap()).unwrap();
    wait_for(&mut publisher, 1);
    publisher.line("{\"k\":1}");
    assert_eq!(socket.read().unwrap(), Message::text(HEADER));
    assert_eq!(socket.read().unwrap(), Message::text("{\"k\":1}"));
    socket.send(Message::Ping(vec![7].into())).unwrap();
    assert_eq!(socket.read().unwrap(), Message::Pong(vec![7].into()));
    drop(publisher);
    assert!(matches!(socket.read(), Ok(Message::Close(_))));
}

#[test]
fn pages_of_other_sites_and_wrong_tokens_are_refused_over_websocket() {
    let connect = |address: SocketAddr, query: &str, origin: Option<&str>| {
        let mut request = format!("ws://{address}/{query}").into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", origin.parse().unwrap());
        }
        tungstenite::client(request, TcpStream::connect(address).unwrap()).is_ok()
    };
    let (_open, address) = opened("ws", None);
    assert!(!connect(address, "", Some("https://example.org")));
    assert!(connect(address, "", Some("http://localhost:3000")));
    assert!(connect(address, "", None));
    let (_guarded, address) = opened("ws", Some("secret"));
    assert!(!connect(address, "", None));
    assert!(!connect(address, "?token=secre", None));
    assert!(connect(address, "?token=secret", Some("https://example.org")));
}

#[test]
fn one_that_does_not_read_loses_lines_and_holds_up_nobody() {
    let (mut publisher, address) = opened("tcp", None);
    let slow = TcpStream::connect(address).unwrap();
    wait_for(&mut publisher, 1);
    let line = format!("{{\"text\":\"{}\"}}", "x".repeat(4000));
    let started = Instant::now();
    // Far beyond what the queue and the sockets' buffers hold.
    let (mut sent, mut slowest) = (0_u64, Duration::ZERO);
    while publisher.counts().dropped_lines < 100 {
        let before = Instant::now();
        publisher.line(&line);
        slowest = slowest.max(before.elapsed());
        sent += 1;
        assert!(started.elapsed() < Duration::from_secs(20), "{sent} lines and none dropped");
    }
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    let dropped = publisher.counts().dropped_lines;
    // Once it reads again it is told how many it lost, and everything adds up.
    let mut lines = BufReader::new(slow).lines();
    let (mut got, mut told) = (0, 0);
    assert_eq!(lines.next().unwrap().unwrap(), HEADER);
    // Losses come in several stretches, and each is told once there is room again.
    while told < dropped {
        publisher.line("{\"type\":\"last\"}");
        sent += 1;
        let text = lines.next().unwrap().unwrap();
        if text.contains("\"drop\"") {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            told += value["lines"].as_u64().unwrap();
        } else {
            got += 1;
        }
    }
    assert!(got + told <= sent, "{got} got, {told} told, {sent} sent");
}

#[test]
fn a_listener_that_leaves_is_forgotten() {
    let (mut publisher, address) = opened("tcp", None);
    drop(TcpStream::connect(address).unwrap());
    let started = Instant::now();
    loop {
        publisher.line("{}");
        std::thread::sleep(Duration::from_millis(20));
        if started.elapsed() > Duration::from_millis(600) && publisher.counts().listeners == 0 {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "it is still listed");
    }
}

#[test]
fn a_mark_travels_as_an_osc_message_of_the_published_form() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    receiver.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let endpoint: Endpoint = format!("osc://{}", receiver.local_addr().unwrap()).parse().unwrap();
    let mut publisher = Publisher::open(&[endpoint], None, HEADER).unwrap();
    assert!(!publisher.wants_lines());
    publisher.record(&Record::Mark { time_s: Seconds(1.5), index: SampleIndex(1500), code: 3 });
    let mut bytes = [0; 64];
    let n = receiver.recv(&mut bytes).unwrap();
    // OSC 1.0: address and type tags padded with zeros to four bytes, numbers big-endian.
    let mut expected = b"/surae/mark\0,id\0".to_vec();
    expected.extend(3_i32.to_be_bytes());
    expected.extend(1.5_f64.to_be_bytes());
    assert_eq!(&bytes[..n], expected);
}
