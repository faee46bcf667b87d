//go:build unix

package process

import (
	"os"
	"os/signal"
	"syscall"
)

// survivePipes takes the signal of broken pipes, of which nobody needs to hear:
// the write returns EPIPE. Ignoring it would pass on to child processes.
func survivePipes() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}

func enableEscapes(*os.File) bool { return true }

func openConsole() (in, out *os.File, err error) {
	if in, err = os.OpenFile("/dev/tty", os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	if out, err = os.OpenFile("/dev/tty", os.O_WRONLY, 0); err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	return in, out, nil
}
