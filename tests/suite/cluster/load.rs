//! Clients that go on asking while something happens: without a second try, each request is counted as it ended.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use super::client::Client;
use super::client::Tls;
use super::client::read_one;
use super::machines::Machines;
use super::site::Site;
use crate::nginx::client::request;

/// Asks one address for one host.
#[derive(Clone, Copy)]
pub struct Load<'a> {
    pub name: &'a str,
    pub address: SocketAddr,
    pub host: &'a str,
    pub path: &'a str,
    /// Whether requests share a connection until the server closes it.
    pub kept: bool,
    /// Between two requests.
    pub pause: Duration,
    /// No answer in this time is a failure.
    pub timeout: Duration,
}

/// How requests ended.
#[derive(Debug, Default)]
pub struct Count {
    pub started: usize,
    pub answered: usize,
    /// Seconds since the start, and why.
    pub failed: Vec<(f64, String)>,
    /// Between two requests that were answered: from the end of one to the end of the next.
    pub longest_gap: Duration,
}

impl Count {
    pub fn print(&self, name: &str) {
        let gap = self.longest_gap.as_secs_f64();
        let (started, answered) = (self.started, self.answered);
        let failed = self.failed.len();
        println!("{name}: {started} requests = {answered} answered + {failed} failed; longest gap {gap:.2} s");
        self.failed.iter().take(5).for_each(|(at, why)| println!("  after {at:.2} s: {why}"));
        assert_eq!(self.started, self.answered + self.failed.len());
    }
}

/// Runs the loads from the client's place while something happens.
pub fn during<T>(site: &Site, loads: &[Load], happen: impl FnOnce() -> T) -> (T, Vec<Count>) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let run = |load: Load<'_>| run(&site.machines, &site.client, load, &stop);
        let running: Vec<_> = loads.iter().map(|load| scope.spawn(move || run(*load))).collect();
        // However it ends: else the loads run on.
        let end = Stop(&stop);
        let happened = happen();
        drop(end);
        let counts: Vec<Count> = running.into_iter().map(|load| load.join().unwrap()).collect();
        loads.iter().zip(&counts).for_each(|(load, count)| count.print(load.name));
        (happened, counts)
    })
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn run(machines: &Machines, client: &Client, load: Load<'_>, stop: &AtomicBool) -> Count {
    let client = &client.waiting(load.timeout);
    machines.within("client", || {
        let (start, mut last) = (Instant::now(), Instant::now());
        let mut count = Count::default();
        let mut kept = None;
        while !stop.load(Ordering::Relaxed) {
            count.started += 1;
            match ask(client, load, &mut kept) {
                Ok(()) => {
                    count.answered += 1;
                    count.longest_gap = count.longest_gap.max(last.elapsed());
                    last = Instant::now();
                }
                Err(error) => {
                    kept = None;
                    count.failed.push((start.elapsed().as_secs_f64(), error.to_string()));
                }
            }
            thread::sleep(load.pause);
        }
        count.longest_gap = count.longest_gap.max(last.elapsed());
        count
    })
}

fn ask(client: &Client, load: Load<'_>, kept: &mut Option<Tls>) -> io::Result<()> {
    let mut stream = match kept.take() {
        Some(stream) => stream,
        None => client.connect(load.address, load.host)?,
    };
    let line = format!("GET {}", load.path);
    let connection = if load.kept { "Connection: keep-alive" } else { "Connection: close" };
    stream.write_all(request(load.host, &[&line, connection]).as_bytes())?;
    let answer = read_one(&mut stream)?;
    if answer.status != 200 {
        return Err(io::Error::other(format!("status {}", answer.status)));
    }
    let closes = answer.headers_named("connection").iter().any(|value| value.eq_ignore_ascii_case("close"));
    *kept = (load.kept && !closes).then_some(stream);
    Ok(())
}
