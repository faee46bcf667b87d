package process

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

const folder = "moonpost"

func configDir() (string, error) {
	dir, err := os.UserConfigDir()
	return ours(dir, err)
}

// stateDir is $XDG_STATE_HOME/moonpost or ~/.local/state/moonpost on Unix,
// %LocalAppData%\moonpost\state on Windows and a folder beside the
// configuration on macOS.
func stateDir() (string, error) {
	switch runtime.GOOS {
	case "windows":
		dir, err := os.UserCacheDir()
		return ours(dir, err, "state")
	case "darwin", "ios":
		dir, err := os.UserConfigDir()
		return ours(dir, err, "state")
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		if !filepath.IsAbs(dir) {
			return "", errors.New("path in $XDG_STATE_HOME is relative")
		}
		return filepath.Join(dir, folder), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state", folder), nil
}

func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if runtime.GOOS == "windows" { // where the state is, too
		return ours(dir, err, "cache")
	}
	return ours(dir, err)
}

// ours returns moonpost's folder in dir, unless err says that there is no dir.
func ours(dir string, err error, below ...string) (string, error) {
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{dir, folder}, below...)...), nil
}
