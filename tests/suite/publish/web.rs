//! A folder in; a real nginx that serves it on loopback out.

use std::fs;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::oracle::file;

/// Ended when the value is dropped, and after ten minutes at the latest.
pub struct Web {
    child: Child,
    port: u16,
    // After the program that uses it.
    _folder: tempfile::TempDir,
}

impl Drop for Web {
    fn drop(&mut self) {
        // `timeout` passes it on.
        Command::new("kill").arg(self.child.id().to_string()).status().ok();
        self.child.wait().ok();
    }
}

/// Serves a folder as plain files; `None` without nginx.
pub fn serve(root: &Path) -> Option<Web> {
    let nginx = file("nginx/nginx")?;
    // Another program may take the port before nginx does.
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.path().display()))
            .collect();
        let conf = format!(
            "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\nevents {{}}\nhttp {{\naccess_log off; types {{ application/gzip tgz; }}\n\
             {temporary}server {{ listen 127.0.0.1:{port}; root {1}; }}\n}}\n",
            folder.path().display(),
            root.display()
        );
        let path = folder.path().join("nginx.conf");
        fs::write(&path, conf).unwrap();
        let mut child = Command::new("timeout")
            .args(["600", "setpriv", "--pdeathsig", "TERM", "--"])
            .arg(&nginx)
            .args(["-g", "user root;", "-c"])
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) && child.try_wait().unwrap().is_none() {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(Web { child, port, _folder: folder });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        _ = child.kill();
        _ = child.wait();
    }
    panic!("nginx does not come up")
}

impl Web {
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
