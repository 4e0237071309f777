// yaml2json reads YAML documents from stdin and prints them as one JSON array, in their order, one document a line.
//
// It is the tests' reader of what Helm renders: Kubernetes' own YAML package decides every type, none of our code does.
// Documents are split as Helm 4 splits them (pkg/release/v1/util, SplitManifests); empty ones are left out, as Kubernetes' clients do.
// A key that is there twice is an error: no cluster should have to choose.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"

	"sigs.k8s.io/yaml"
)

var separator = regexp.MustCompile(`(?m)^---[ \t]*`)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "yaml2json: %v\n", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var documents [][]byte
	for i, text := range separator.Split(string(text), -1) {
		document, err := yaml.YAMLToJSONStrict([]byte(text))
		if err != nil {
			return fmt.Errorf("document %d: %w\n%s", i, err, text)
		}
		if string(document) != "null" {
			documents = append(documents, document)
		}
	}
	_, err = fmt.Fprintf(out, "[%s]\n", bytes.Join(documents, []byte(",\n")))
	return err
}
