// crds reads the manifests of the projects from stdin (tests/oracles/crds/modules lists them) and writes their
// CustomResourceDefinitions into a folder: FOLDER/ADDON/N-GROUP_PLURAL.yaml, N = 0 for the kinds that helm ha writes itself.
//
//	crds charts-src/crds < crds/all.yaml
//
// They are upstream's API without the words: descriptions and messages of validations are dropped, keys are sorted. A message
// stays where the API server wants one, which is beside a rule of several lines. BGPPeer gets the conversion that
// MetalLB's chart gives it: its controller puts its CA there and stops when there is no such place.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

var addons = map[string]string{
	"ceph.rook.io":         "rook",
	"objectbucket.io":      "rook",
	"csi.ceph.io":          "rook",
	"metallb.io":           "metallb",
	"cert-manager.io":      "cert-manager",
	"acme.cert-manager.io": "cert-manager",
}

// Helm waits for a kind only in so far as later files take time: those that are needed at once come first.
var ours = map[string]bool{
	"CephCluster": true, "CephFilesystem": true, "CephFilesystemSubVolumeGroup": true, "CephBlockPool": true,
	"OperatorConfig": true, "Driver": true,
	"IPAddressPool": true, "L2Advertisement": true,
	"Certificate": true, "Issuer": true,
}

var separator = regexp.MustCompile(`(?m)^---[ \t]*$`)

type object = map[string]any

func main() {
	if err := run(os.Stdin, os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "crds: %v\n", err)
		os.Exit(1)
	}
}

func run(in io.Reader, folder string) error {
	text, err := io.ReadAll(bufio.NewReader(in))
	if err != nil {
		return err
	}
	for i, text := range separator.Split(string(text), -1) {
		var document object
		if err := yaml.UnmarshalStrict([]byte(text), &document); err != nil {
			return fmt.Errorf("document %d: %w", i, err)
		}
		if document["kind"] != "CustomResourceDefinition" {
			continue
		}
		spec := document["spec"].(object)
		group, names := spec["group"].(string), spec["names"].(object)
		addon := addons[group]
		if addon == "" {
			continue
		}
		lean(document)
		order := 1
		if ours[names["kind"].(string)] {
			order = 0
		}
		out, err := yaml.Marshal(document)
		if err != nil {
			return err
		}
		path := filepath.Join(folder, addon, fmt.Sprintf("%d-%s_%s.yaml", order, group, names["plural"]))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func lean(crd object) {
	name := crd["metadata"].(object)["name"]
	crd["metadata"] = object{"name": name}
	delete(crd, "status")
	spec := crd["spec"].(object)
	for _, version := range spec["versions"].([]any) {
		version := version.(object)
		schema(version["schema"].(object)["openAPIV3Schema"].(object))
		columns, _ := version["additionalPrinterColumns"].([]any)
		for _, column := range columns {
			delete(column.(object), "description")
		}
	}
	if name == "bgppeers.metallb.io" {
		service := object{"name": "metallb-webhook-service", "namespace": "metallb-system", "path": "/convert"}
		spec["conversion"] = object{"strategy": "Webhook", "webhook": object{
			"clientConfig":             object{"service": service},
			"conversionReviewVersions": []any{"v1beta1", "v1beta2"},
		}}
	}
}

// schema drops the words of a schema and of every schema in it; a property may well be called `description`.
func schema(node object) {
	delete(node, "description")
	rules, _ := node["x-kubernetes-validations"].([]any)
	for _, rule := range rules {
		rule := rule.(object)
		if !strings.Contains(strings.TrimSpace(rule["rule"].(string)), "\n") {
			delete(rule, "message")
		}
	}
	for _, key := range []string{"properties", "patternProperties", "definitions"} {
		inner, _ := node[key].(object)
		for _, value := range inner {
			schema(value.(object))
		}
	}
	for _, key := range []string{"items", "additionalProperties", "not"} {
		if inner, ok := node[key].(object); ok {
			schema(inner)
		}
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		inner, _ := node[key].([]any)
		for _, value := range inner {
			schema(value.(object))
		}
	}
}
