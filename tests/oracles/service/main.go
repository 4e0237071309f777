// A service for the cluster of the tests: it says who it is, and does what services do.
//
//	service serve        HTTP on 8080, a TCP echo on 9000, a UDP echo on 5353
//	service write FILE   appends "NAME MILLISECONDS" and syncs, ten times a second
//	service wait         nothing, until a signal
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var err error
	switch command := strings.Join(os.Args[1:], " "); {
	case command == "serve":
		err = serve(ctx)
	case command == "wait":
		<-ctx.Done()
	case strings.HasPrefix(command, "write "):
		err = write(ctx, os.Args[2])
	default:
		err = fmt.Errorf("usage: service serve | write FILE | wait")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func name() string {
	host, _ := os.Hostname()
	return host
}

func serve(ctx context.Context) error {
	tcp, err := net.Listen("tcp", ":9000")
	if err != nil {
		return err
	}
	go echo(tcp)
	udp, err := net.ListenPacket("udp", ":5353")
	if err != nil {
		return err
	}
	go repeat(udp)
	server := &http.Server{Addr: ":8080", Handler: handler()}
	done := make(chan error)
	go func() {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		done <- server.Shutdown(ending)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return <-done
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "name: %s\nversion: %s\nsetting: %s\n", name(), os.Getenv("VERSION"), os.Getenv("SETTING"))
		r.Header.Write(w)
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(300 * time.Millisecond)
		fmt.Fprintln(w, name())
	})
	mux.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		length, err := io.Copy(sum, r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "%d %x\n", length, sum.Sum(nil))
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, r.URL.Query().Get("path"))
	})
	mux.HandleFunc("/lookup", func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		_, err := net.DefaultResolver.LookupHost(r.Context(), r.URL.Query().Get("name"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, time.Since(start).Milliseconds())
	})
	mux.HandleFunc("/socket", socket)
	return mux
}

// What comes in after the switch of protocols goes back as it is: that the frames are WebSocket's is no matter here.
func socket(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		http.Error(w, "no upgrade", http.StatusBadRequest)
		return
	}
	connection, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer connection.Close()
	fmt.Fprintf(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
	io.Copy(connection, buffered)
}

func echo(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			fmt.Fprintln(connection, name())
			io.Copy(connection, connection)
		}()
	}
}

func repeat(socket net.PacketConn) {
	packet := make([]byte, 2048)
	for {
		length, from, err := socket.ReadFrom(packet)
		if err != nil {
			return
		}
		socket.WriteTo(append([]byte(name()+" "), packet[:length]...), from)
	}
}

func write(ctx context.Context, path string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o664)
	if err != nil {
		return err
	}
	defer file.Close()
	for ticks := time.Tick(100 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks:
			fmt.Fprintf(file, "%s %d\n", name(), time.Now().UnixMilli())
			if err := file.Sync(); err != nil {
				return err
			}
		}
	}
}
