package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"

	"moonpost/engine/secret"
)

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestStreamNeverFails(t *testing.T) {
	full := errors.New("disk full")
	for _, test := range []struct {
		name string
		err  error
		want error
	}{
		{"a reader that went away is no error", syscall.EPIPE, nil},
		{"nor is a pipe that was closed", io.ErrClosedPipe, nil},
		{"a full disk is told at the end", full, full},
	} {
		s := newStream(broken{fmt.Errorf("write: %w", test.err)}, secret.NewRedactor())
		for range 2 {
			if n, err := io.WriteString(s, "text\n"); n != 5 || err != nil {
				t.Errorf("%s: Write = %d, %v, want 5 and no error", test.name, n, err)
			}
		}
		if err := s.Close(); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s: Close = %v, want %v", test.name, err, test.want)
		}
	}
}

func TestStreamMasksSecrets(t *testing.T) {
	var out bytes.Buffer
	secrets := secret.NewRedactor()
	s := newStream(&out, secrets)
	secrets.Add(secret.New("hunter2-hunter2"))
	fmt.Fprint(s, "the password is hunter2-")
	fmt.Fprint(s, "hunter2\n")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "the password is ***\n"; got != want {
		t.Errorf("written %q, want %q", got, want)
	}
}
