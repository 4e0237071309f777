// What cert-manager's own four programs do with the arguments that our chart gives them, put together from its packages:
// the programs themselves are modules which no proxy has. The first argument says which one it is.
//
// The module's name lies below cert-manager's, as theirs do: some of its packages are `internal`.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	ctrl "sigs.k8s.io/controller-runtime"

	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

var programs = map[string]func(context.Context, *pflag.FlagSet, []string) error{
	"controller": runController,
	"webhook":    runWebhook,
	"cainjector": runInjector,
	"acmesolver": runSolver,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	logf.InitLogs()
	ctrl.SetLogger(logf.Log)
	if err := run(logf.NewContext(ctx, logf.Log)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if len(os.Args) < 2 {
		return errors.New("usage: cert-manager controller|webhook|cainjector|acmesolver [FLAG...]")
	}
	program, known := programs[os.Args[1]]
	if !known {
		return fmt.Errorf("no program %q", os.Args[1])
	}
	// Kubernetes' own flag, which only the logging packages understand; what they log is enough as it is.
	quiet := func(argument string) bool { return strings.HasPrefix(argument, "--v=") }
	return program(ctx, pflag.NewFlagSet(os.Args[1], pflag.ContinueOnError), slices.DeleteFunc(os.Args[2:], quiet))
}
