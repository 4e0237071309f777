//! Long connections and large bodies through a gateway.

use std::fs;
use std::io::Read;
use std::io::Write;

use crate::nginx::HTTPS;
use crate::nginx::client::Tls;
use crate::nginx::client::parse;
use crate::nginx::client::request;
use crate::nginx::ways_in;

#[test]
fn websockets_carry_bytes_both_ways() {
    let Some(world) = ways_in() else { return };
    for host in ["web.example.com", "sso.example.com", "snippet.example.com"] {
        let mut tls = Tls::open(world.at(HTTPS), host, "127.0.0.1");
        let (mut writer, mut reader) = (tls.writer(), tls.reader());
        let head = ["GET /ws", "Connection: Upgrade", "Upgrade: websocket", "Cookie: session=anna"];
        writer.write_all(request(host, &head).as_bytes()).unwrap();
        writer.flush().unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            assert_eq!(reader.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&answer));
            answer.extend(byte);
        }
        assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
        for text in ["one", "two", "three"] {
            writer.write_all(text.as_bytes()).unwrap();
            writer.flush().unwrap();
            let mut echo = vec![0; text.len()];
            reader.read_exact(&mut echo).unwrap();
            assert_eq!(echo, text.as_bytes(), "{host}");
        }
    }
}

/// A gibibyte reaches the service while no process of nginx grows and nothing is kept on disk.
#[test]
fn large_uploads_go_through_at_once() {
    const SIZE: usize = 1 << 30;
    let Some(world) = ways_in() else { return };
    let host = "sso.example.com";
    let mut tls = Tls::open(world.at(HTTPS), host, "127.0.0.1");
    let (mut writer, mut reader) = (tls.writer(), tls.reader());
    let head = ["PUT /bytes", "Cookie: session=anna", &format!("Content-Length: {SIZE}")];
    writer.write_all(request(host, &head).as_bytes()).unwrap();
    let block = vec![b'x'; 1 << 20];
    let mut kept = 0;
    for number in 0..SIZE / block.len() {
        writer.write_all(&block).unwrap();
        if number % 64 == 0 {
            kept = kept.max(size_of_files(&world.path("tmp")));
        }
    }
    writer.flush().unwrap();
    let mut answer = Vec::new();
    reader.read_to_end(&mut answer).unwrap();
    assert_eq!(parse(&answer).body, format!("{SIZE} bytes\n"));
    assert!(kept < 1 << 16, "{kept} bytes on disk");
    for process in world.processes() {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kibibytes: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
        assert!(kibibytes < 64 << 10, "process {process} had {kibibytes} KiB");
    }
}

fn size_of_files(folder: &std::path::Path) -> u64 {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    files.filter_map(|entry| entry.metadata().ok()).filter(fs::Metadata::is_file).map(|data| data.len()).sum()
}
