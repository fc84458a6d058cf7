// Command stream-client opens streaming URLs of a container runtime with the client library that kubectl and the kubelet
// use, so that tests meet a real counterpart.
//
//	stream-client [-transport spdy|websocket] [-protocol P] [-stdin] [-tty] [-resize 100x40] command URL
//	stream-client [-transport spdy|websocket] forward URL :PORT …
//
// "command" joins its own streams to those of the remote command and exits with its code; 255 is a failure of its own.
// "forward" prints one line "FORWARDED LOCAL REMOTE" per port and serves until its standard input ends.
// Servers that speak TLS are believed, whatever their certificate.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/client-go/util/exec"
)

var (
	transport = flag.String("transport", "spdy", "spdy or websocket")
	protocol  = flag.String("protocol", "", "the one protocol to offer; empty for the library's own choice")
	stdin     = flag.Bool("stdin", false, "send standard input")
	noStderr  = flag.Bool("no-stderr", false, "do not ask for the error output")
	tty       = flag.Bool("tty", false, "the remote side is a terminal")
	resize    = flag.String("resize", "", "size of the terminal, as WIDTHxHEIGHT")
)

func main() {
	flag.Parse()
	target, err := url.Parse(flag.Arg(1))
	if err == nil {
		switch flag.Arg(0) {
		case "command":
			err = command(target)
		case "forward":
			err = forward(target, flag.Args()[2:])
		default:
			err = fmt.Errorf("expected command or forward, not %q", flag.Arg(0))
		}
	}
	var code exec.CodeExitError
	if errors.As(err, &code) {
		os.Exit(code.Code)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "stream-client:", err)
		os.Exit(255)
	}
}

func command(target *url.URL) error {
	executor, err := newExecutor(configFor(target), target)
	if err != nil {
		return err
	}
	options := remotecommand.StreamOptions{Stdout: os.Stdout, Tty: *tty}
	if *stdin {
		options.Stdin = os.Stdin
	}
	if !*tty && !*noStderr {
		options.Stderr = os.Stderr
	}
	if *resize != "" {
		size := remotecommand.TerminalSize{}
		if _, err := fmt.Sscanf(*resize, "%dx%d", &size.Width, &size.Height); err != nil {
			return err
		}
		options.TerminalSizeQueue = &once{size: &size}
	}
	return executor.StreamWithContext(context.Background(), options)
}

// configFor believes any certificate: a kubelet that stands alone makes its own.
func configFor(target *url.URL) *rest.Config {
	return &rest.Config{
		Host:            target.Scheme + "://" + target.Host,
		TLSClientConfig: rest.TLSClientConfig{Insecure: target.Scheme == "https"},
	}
}

func newExecutor(config *rest.Config, target *url.URL) (remotecommand.Executor, error) {
	if *transport == "websocket" {
		if *protocol != "" {
			return remotecommand.NewWebSocketExecutorForProtocols(config, http.MethodGet, target.String(), *protocol)
		}
		return remotecommand.NewWebSocketExecutor(config, http.MethodGet, target.String())
	}
	if *protocol == "" {
		return remotecommand.NewSPDYExecutor(config, http.MethodPost, target)
	}
	wrapper, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	return remotecommand.NewSPDYExecutorForProtocols(wrapper, upgrader, http.MethodPost, target, *protocol)
}

// once gives one size, then waits for ever.
type once struct{ size *remotecommand.TerminalSize }

func (o *once) Next() *remotecommand.TerminalSize {
	if o.size == nil {
		select {}
	}
	size := o.size
	o.size = nil
	return size
}

func forward(target *url.URL, ports []string) error {
	config := configFor(target)
	wrapper, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return err
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: wrapper}, http.MethodPost, target)
	if *transport == "websocket" {
		if dialer, err = portforward.NewSPDYOverWebsocketDialer(target, config); err != nil {
			return err
		}
	}
	stop, ready := make(chan struct{}), make(chan struct{})
	forwarder, err := portforward.New(dialer, ports, stop, ready, io.Discard, os.Stderr)
	if err != nil {
		return err
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	go func() {
		<-ready
		forwarded, _ := forwarder.GetPorts()
		for _, port := range forwarded {
			fmt.Println("FORWARDED", port.Local, port.Remote)
		}
	}()
	return forwarder.ForwardPorts()
}
