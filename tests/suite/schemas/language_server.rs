//! A values file open in an editor: where the cursor is in; what the YAML language server says there out.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Child;
use std::process::ChildStdin;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::oracle::Oracle;

/// It answers within a second on an idle machine.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

pub struct LanguageServer {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    uri: String,
    text: String,
    /// Of requests and of the document's versions.
    count: u64,
    _home: tempfile::TempDir,
}

impl Drop for LanguageServer {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl LanguageServer {
    /// Opens the file. Which schema it has is said by its first line alone.
    pub fn start(program: &Oracle, path: &str, text: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = program.command(home.path());
        // It is a script of node's.
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.arg("--stdio").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, messages) = mpsc::channel();
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(message) = read(&mut stdout) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let uri = format!("file://{path}");
        let mut server = Self { child, stdin, messages, uri, text: text.to_owned(), count: 0, _home: home };
        let capabilities = json!({ "workspace": { "configuration": true } });
        server.ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        server.tell("initialized", json!({}));
        let document = json!({ "uri": server.uri, "languageId": "yaml", "version": 0, "text": text });
        server.tell("textDocument/didOpen", json!({ "textDocument": document }));
        server
    }

    /// What can stand at the end of `typed`, which a person has typed as new lines before this one (counted from 0).
    pub fn complete(&mut self, line: usize, typed: &str) -> Vec<Value> {
        let mut lines: Vec<&str> = self.text.lines().collect();
        let new: Vec<&str> = typed.split('\n').collect();
        let end = (line + new.len() - 1, new[new.len() - 1].len());
        lines.splice(line..line, new);
        let text = lines.join("\n");
        self.change(&text);
        let answer = self.at("textDocument/completion", end.0, end.1);
        let text = self.text.clone();
        self.change(&text);
        answer["items"].as_array().or(answer.as_array()).cloned().unwrap_or_default()
    }

    /// The text that is shown for the place.
    pub fn hover(&mut self, line: usize, column: usize) -> String {
        let answer = self.at("textDocument/hover", line, column);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until what is underlined in this text is as wanted: one that is underlined for the text before may come first.
    pub fn underlines(&mut self, text: &str, wanted: impl Fn(&[Value]) -> bool) {
        self.change(text);
        loop {
            let message = self.receive();
            let problems = message["params"]["diagnostics"].as_array();
            if problems.is_some_and(|problems| wanted(problems)) {
                return;
            }
        }
    }

    fn change(&mut self, text: &str) {
        self.count += 1;
        let document = json!({ "uri": self.uri, "version": self.count });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }

    fn at(&mut self, method: &str, line: usize, column: usize) -> Value {
        let position = json!({ "line": line, "character": column });
        self.ask(method, json!({ "textDocument": { "uri": self.uri }, "position": position }))
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.count += 1;
        let id = self.count;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }));
        loop {
            let mut message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].take();
            }
        }
    }

    fn tell(&mut self, method: &str, parameters: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    /// The next message; what the server itself asks is answered. Schemas come from the file, never from the Internet.
    fn receive(&mut self) -> Value {
        let message = self.messages.recv_timeout(ANSWERS_WITHIN).expect("the language server answers");
        if message.get("id").is_some() && message.get("method").is_some() {
            let settings =
                json!({ "completion": true, "hover": true, "validate": true, "schemaStore": { "enable": false } });
            let wanted = message["params"]["items"].as_array().into_iter().flatten();
            let values: Vec<_> =
                wanted.map(|item| if item["section"] == "yaml" { &settings } else { &Value::Null }).collect();
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": values }));
        }
        message
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.stdin.flush().unwrap();
    }
}

/// `Content-Length: N`, an empty line, N bytes
/// (<https://microsoft.github.io/language-server-protocol/specifications/base/0.9/specification/>).
fn read(input: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
