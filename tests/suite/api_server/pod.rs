//! A program and an account of the chart in; the program running as a pod of that account would, without a node: with its
//! token, and so with the rights that the chart gives it.

use std::fs;
use std::path::Path;
use std::process::Child;

use super::control_plane;
use super::control_plane::ControlPlane;
use crate::oracle::Oracle;

/// What a pod finds, in a folder that only the program sees.
const AS_POD: &str = "mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount &&
    cp token ca.crt namespace /run/secrets/kubernetes.io/serviceaccount && exec \"$@\"";

/// A ServiceAccount.
pub struct Account<'a> {
    pub namespace: &'a str,
    pub name: &'a str,
}

impl Account<'_> {
    /// Starts a program and its arguments in a new folder, where its output is `env.log`. Needs `unshare`.
    pub fn run(
        &self,
        plane: &ControlPlane,
        [setpriv, env]: [&Oracle; 2],
        folder: &Path,
        variables: &[&str],
        program: &[String],
    ) -> Child {
        fs::create_dir_all(folder).unwrap();
        self.write_files(plane, folder);
        let [host, port] = server(plane);
        let words = ["unshare", "--mount", "sh", "-c", AS_POD, "sh"];
        let words = variables.iter().copied().chain([host.as_str(), port.as_str()]).chain(words).map(str::to_owned);
        control_plane::spawn(setpriv, env, folder, &words.chain(program.iter().cloned()).collect::<Vec<_>>())
    }

    fn write_files(&self, plane: &ControlPlane, folder: &Path) {
        let token = plane.kubectl(&["create", "token", self.name, "--namespace", self.namespace], "");
        assert!(token.succeeded, "{}", token.stderr);
        let template =
            "--output=go-template={{index (index .clusters 0).cluster \"certificate-authority-data\" | base64decode}}";
        let authority = plane.kubectl(&["config", "view", "--raw", "--flatten", template], "");
        fs::write(folder.join("token"), token.stdout.trim()).unwrap();
        fs::write(folder.join("ca.crt"), authority.stdout).unwrap();
        fs::write(folder.join("namespace"), self.namespace).unwrap();
    }
}

/// The variables by which a pod finds the API server.
fn server(plane: &ControlPlane) -> [String; 2] {
    let address = plane.kubectl(&["config", "view", "--output=jsonpath={.clusters[0].cluster.server}"], "").stdout;
    let (host, port) = address.strip_prefix("https://").and_then(|address| address.split_once(':')).unwrap();
    [format!("KUBERNETES_SERVICE_HOST={host}"), format!("KUBERNETES_SERVICE_PORT={port}")]
}
