package sqlite_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"moonpost/engine/journal"
	"moonpost/engine/journal/journaltest"
	"moonpost/engine/journal/sqlite"
)

// child is the variable that makes this program the one that is killed.
const child = "MOONPOST_JOURNAL_CHILD"

func TestMain(m *testing.M) {
	if folder := os.Getenv(child); folder != "" {
		fmt.Fprintln(os.Stderr, journaltest.Child(context.Background(), in(folder), os.Stdout))
		os.Exit(1)
	}
	// Each check makes a file and syncs it often; the usual 100 take a minute.
	_ = flag.Set("rapid.checks", "8")
	flag.Parse() // a flag of the command line wins
	os.Exit(m.Run())
}

func in(folder string) journaltest.OpenFunc {
	return func(ctx context.Context) (journal.Store, error) { return sqlite.Open(ctx, folder, journaltest.Signer) }
}

func TestStore(t *testing.T) {
	journaltest.Exercise(t, func(t testing.TB) journaltest.OpenFunc { return in(t.TempDir()) })
}

func TestAKillLosesNothingThatWasAcknowledged(t *testing.T) {
	folder := t.TempDir()
	journaltest.Crash(t, in(folder), func() *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), child+"="+folder)
		c.Stderr = os.Stderr
		return c
	}, 20)
}
