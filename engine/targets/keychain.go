package targets

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	zalando "github.com/zalando/go-keyring"
)

// keyring is the keychain of the system: that of macOS, the credential manager
// of Windows, the Secret Service elsewhere.
type keyring struct {
	missing error         // why there is none
	limit   time.Duration // for one request
}

// errNoPassword says that the keychain works and has no such entry.
var errNoPassword = errors.New("no such entry")

// A request waits for a dialog that unlocks the keychain, which may stand on a
// screen that nobody looks at, and the library waits for ever.
const (
	limitAttended = 90 * time.Second
	limitAlone    = 5 * time.Second
)

func newKeyring(attended bool, env func(string) (string, bool)) keyring {
	k := keyring{limit: limitAlone}
	if attended {
		k.limit = limitAttended
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" && !hasBus(env) {
		k.missing = errors.New("there is no session bus (DBUS_SESSION_BUS_ADDRESS)")
	}
	return k
}

// hasBus reports whether there is a session bus. Without one the library would
// start dbus-launch, which leaves a daemon behind.
func hasBus(env func(string) (string, bool)) bool {
	if address, _ := env("DBUS_SESSION_BUS_ADDRESS"); address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return true
	}
	_, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid()))
	return err == nil
}

func (k keyring) set(service, account, text string) error {
	_, err := k.ask(func() (string, error) { return "", zalando.Set(service, account, text) })
	return err
}

func (k keyring) get(service, account string) (string, error) {
	return k.ask(func() (string, error) { return zalando.Get(service, account) })
}

func (k keyring) delete(service, account string) error {
	_, err := k.ask(func() (string, error) { return "", zalando.Delete(service, account) })
	return err
}

// ask does one request in time. One that is late is left alone: it ends with
// the process.
func (k keyring) ask(request func() (string, error)) (string, error) {
	if k.missing != nil {
		return "", k.missing
	}
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if r := recover(); r != nil { // the library trusts what the bus says
				a.err = fmt.Errorf("it answers oddly: %v", r)
			}
			answers <- a
		}()
		a.text, a.err = request()
	}()
	late := time.NewTimer(k.limit)
	defer late.Stop()
	select {
	case a := <-answers:
		if errors.Is(a.err, zalando.ErrNotFound) {
			a.err = errNoPassword
		}
		return a.text, a.err
	case <-late.C:
		return "", fmt.Errorf("it did not answer within %v; is it locked?", k.limit)
	}
}
